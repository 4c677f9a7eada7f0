//! `rotative doctor`: what would fail tomorrow morning.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use chrono::DateTime;
use serde_json::json;

use crate::doctor::{self, Finding, Health, Network, Resolver};

use super::edges::chance;
use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, now};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask nobody: neither name servers nor relays
    #[arg(long, conflicts_with = "dns")]
    offline: bool,
    /// The name server to ask instead of the system's: 127.0.0.1:5353
    #[arg(long, value_name = "ADDR:PORT")]
    dns: Option<SocketAddr>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let servers = || doctor::servers(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
    let resolver = Resolver::new(args.dns.map_or_else(servers, |server| vec![server]), chance);
    let network = if args.offline { Network::Offline } else { Network::Online(&resolver) };
    let findings = doctor::examine(root, DateTime::from_timestamp(now(), 0).unwrap_or_default(), &network);
    let errors = doctor::count(&findings, Health::Error);
    let warnings = doctor::count(&findings, Health::Warning);
    match args.format {
        Format::Text => {
            findings.iter().for_each(|finding| terminal.result(&text(finding)));
            let well = findings.len() - errors - warnings;
            terminal.result(&format!("{well} ok, {warnings} to look at, {errors} that would fail"));
        }
        Format::Json => {
            let value = json!({ "findings": findings, "errors": errors, "warnings": warnings });
            terminal.result(&serde_json::to_string_pretty(&value)?);
        }
    }
    Ok(if errors == 0 { Outcome::Done } else { Outcome::Findings })
}

/// A finding as people read it. What servers say cannot move the cursor.
fn text(finding: &Finding) -> String {
    let word = match finding.severity {
        Health::Ok => "ok",
        Health::Warning => "warning",
        Health::Error => "error",
    };
    let visible = |text: &str| text.replace(char::is_control, "�");
    let mut lines = format!("{word:<8} {:<10} {}", finding.check, visible(&finding.message));
    if let Some(place) = &finding.place {
        lines.push_str(&format!("\n{:20}--> {}", "", visible(place)));
    }
    if let Some(hint) = &finding.hint {
        lines.push_str(&format!("\n{:20}hint: {}", "", visible(hint)));
    }
    lines
}
