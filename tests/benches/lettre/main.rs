//! How many letters a second lettre's pooled transport hands over, for comparison:
//! `cargo run --release -- PORT LETTERS LINES SIZE`

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> =
        std::env::args().skip(1).map(|word| word.parse().expect("a number")).collect();
    let [port, letters, lines, size] = numbers[..] else { panic!("PORT LETTERS LINES SIZE") };
    let pool = PoolConfig::new().max_size(u32::try_from(lines).expect("so many lines"));
    let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1");
    let relay = relay.port(u16::try_from(port).expect("a port")).pool_config(pool).build();
    let address = |text: &str| text.parse().expect("an address");
    let envelope = Envelope::new(Some(address("a@b.example")), vec![address("c@d.example")]);
    let envelope = Arc::new(envelope.expect("an envelope"));
    let line = "Une ligne comme il y en a tant dans un journal du matin, de 76 octets. =\r\n";
    let letter: Arc<[u8]> = format!("Subject: x\r\n\r\n{}", line.repeat(size / line.len())).into_bytes().into();
    let left = Arc::new(AtomicUsize::new(letters));
    let start = Instant::now();
    let tasks: Vec<_> = (0..lines)
        .map(|_| {
            let (relay, envelope, letter, left) =
                (relay.clone(), Arc::clone(&envelope), Arc::clone(&letter), Arc::clone(&left));
            tokio::spawn(async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    let taken = relay.send_raw(&envelope, &letter).await;
                    assert!(taken.as_ref().is_ok_and(|reply| reply.is_positive()), "{taken:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a line");
    }
    println!("{:.0}", letters as f64 / start.elapsed().as_secs_f64());
}
