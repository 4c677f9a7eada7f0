//! Names and records in memory, for the tests of this folder.

use std::net::IpAddr;

use super::dns::{DnsError, Records};

/// What a name server would know.
#[derive(Default)]
pub(super) struct Zone {
    texts: Vec<(String, String)>,
    mx: Vec<(String, u16, String)>,
    hosts: Vec<String>,
    /// A name about which nobody answers.
    silent: Option<&'static str>,
}

impl Zone {
    pub(super) fn txt(texts: &[(&str, &str)]) -> Self {
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { texts, ..Self::default() }
    }

    pub(super) fn mx(mut self, name: &str, preference: u16, host: &str) -> Self {
        self.mx.push((name.to_owned(), preference, host.to_owned()));
        self
    }

    pub(super) fn host(mut self, name: &str) -> Self {
        self.hosts.push(name.to_owned());
        self
    }

    pub(super) fn silent(self, name: &'static str) -> Self {
        Self { silent: Some(name), ..self }
    }

    fn heard(&self, name: &str) -> Result<(), DnsError> {
        let server = ([192, 0, 2, 1], 53).into();
        if self.silent == Some(name) { Err(DnsError::Silent(server)) } else { Ok(()) }
    }
}

impl Records for Zone {
    fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        self.heard(name)?;
        Ok(self.texts.iter().filter(|(known, _)| known == name).map(|(_, text)| text.clone()).collect())
    }

    fn mx(&self, name: &str) -> Result<Vec<(u16, String)>, DnsError> {
        self.heard(name)?;
        let own = self.mx.iter().filter(|(known, ..)| known == name);
        Ok(own.map(|(_, preference, host)| (*preference, host.clone())).collect())
    }

    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        self.heard(name)?;
        let known = self.hosts.iter().any(|host| host == name);
        Ok(if known { vec![IpAddr::from([192, 0, 2, 7])] } else { Vec::new() })
    }
}
