//! A bare server, to measure the service against: `cargo bench --bench hello -- ADDR:PORT`.

use axum::{Router, routing::get};

#[expect(clippy::print_stdout, reason = "a bench says where it listens")]
fn main() {
    let place = std::env::args().skip(1).find(|arg| arg.contains(':')).unwrap_or_default();
    if place.is_empty() {
        println!("hello: give it an address to listen at, 127.0.0.1:8099");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let socket = tokio::net::TcpListener::bind(&place).await.expect("a port");
        let hello = Router::new().route("/", get(|| async { "hello" }));
        axum::serve(socket, hello).await.expect("served");
    });
}
