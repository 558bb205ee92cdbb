//! Uploads.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream::once;
use multer::{Multipart, parse_boundary};
use serde::Serialize;

use super::Answer;

/// A received file.
#[derive(Serialize)]
struct Received {
    field: String,
    file: Option<String>,
    bytes: usize,
}

/// `POST /upload`: `multipart/form-data`; responds with what arrived.
pub async fn upload(content_type: Option<&str>, body: Bytes) -> Answer {
    let Ok(boundary) = parse_boundary(content_type.unwrap_or_default()) else {
        return Answer::error(415, "multipart/form-data is needed");
    };
    match receive(boundary, body).await {
        Ok(received) => Answer::json(200, &received),
        Err(error) => Answer::error(400, error),
    }
}

async fn receive(boundary: String, body: Bytes) -> Result<Vec<Received>, multer::Error> {
    let body = once(async { Ok::<_, Infallible>(body) });
    let mut parts = Multipart::new(body, boundary);
    let mut received = Vec::new();
    while let Some(part) = parts.next_field().await? {
        received.push(Received {
            field: part.name().unwrap_or_default().to_owned(),
            file: part.file_name().map(str::to_owned),
            bytes: part.bytes().await?.len(),
        });
    }
    Ok(received)
}
