//! The layer on a service that knows nothing of axum: a plain function on hyper.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aiwaf_axum::{Aiwaf, Replay};
use aiwaf_core::{Firewall, Peer};
use aiwaf_testing::{BodyReader, Client};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower_layer::Layer;
use tower_service::Service;

/// Answers with what it was sent.
#[derive(Clone, Default)]
struct Echo(Arc<AtomicUsize>);

impl Service<Request<Replay<Incoming>>> for Echo {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Replay<Incoming>>) -> Self::Future {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            Ok(Response::new(Full::new(body)))
        })
    }
}

/// Tells each request who opened its connection.
#[derive(Clone)]
struct WithPeer<S>(S, IpAddr);

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(Peer::Address(self.1));
        self.0.call(request)
    }
}

async fn serve(listener: TcpListener, layer: Aiwaf, echo: Echo) {
    loop {
        let (stream, peer) = listener.accept().await.unwrap();
        let service = WithPeer(layer.layer(echo.clone()), peer.ip());
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new();
            let service = TowerToHyperService::new(service);
            // A client that goes away is no failure of the test.
            let _ = connection
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_tower_service_is_protected() {
    let firewall = Firewall::builder().check_after(BodyReader::default());
    let layer = Aiwaf::new(Arc::new(firewall.build().unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = Echo::default();
    tokio::spawn(serve(listener, layer, echo.clone()));
    let visit = move || {
        let mut client = Client::connect(address).unwrap();
        let body = vec![b'x'; 1_000_000];
        assert_eq!(client.post("/echo", &body).unwrap().body, body);
        assert_eq!(client.post_chunked("/echo", &body, "").unwrap().body, body);
        assert_eq!(client.post("/echo", b"an ATTACK").unwrap().status, 403);
        assert_eq!(client.get("/.env").unwrap().status, 403);
    };
    tokio::task::spawn_blocking(visit).await.unwrap();
    assert_eq!(echo.0.load(Ordering::SeqCst), 2);
}
