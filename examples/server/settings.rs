//! What the operator decides, from flags, environment and file, in that order of precedence.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;
use webchat_http::hooks::{Declared, Networks};
use webchat_http::{CallServers, Provider, Tls};
use webchat_mail::{Mailer, Secret};

use crate::calls::{CallFile, CallFlags};
use crate::log::Format;
use crate::mail::{MailFile, MailFlags};
use crate::provider::ProviderFile;

/// The file read when none is named.
const DEFAULT_FILE: &str = "webchat.toml";
/// The password of the example users when none is chosen.
pub(crate) const DEMO_PASSWORD: &str = "webchat-demo";
/// Ends the help and the manual page.
const AFTERWORD: &str = "\
A flag goes before its environment variable, and that before the settings file, where the same names stand with \
underscores; what concerns mail, calls and signing in elsewhere has sections of its own there, [mail], [calls] and [sign_in].

SIGTERM and SIGINT let running requests finish and tell every socket to come back; a second one leaves at once. SIGHUP \
reads the certificate and its key again.";

/// The webchat server: visitors' window, agents' console, queue and journal in one program.
#[derive(Parser, Debug)]
#[command(name = "server", version, after_long_help = AFTERWORD)]
struct Flags {
    /// Settings file in TOML; `webchat.toml` is read if it is there
    #[arg(long, value_name = "FILE", env = "WEBCHAT_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of everything that is kept [default: data]
    #[arg(long, value_name = "DIR", env = "WEBCHAT_DATA", global = true)]
    data: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "WEBCHAT_LISTEN")]
    listen: Option<SocketAddr>,
    /// Address under which browsers reach this server [default: http://ADDR]
    #[arg(long, value_name = "URL", env = "WEBCHAT_PUBLIC_URL")]
    public_url: Option<Url>,
    /// Fill an empty data folder with example campaigns and users, and serve the demo shop
    #[arg(long, env = "WEBCHAT_DEMO", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    demo: Option<bool>,
    /// Password of the example users [default: webchat-demo]
    #[arg(long, value_name = "PASSWORD", env = "WEBCHAT_DEMO_PASSWORD")]
    demo_password: Option<String>,
    /// Networks of reverse proxies whose x-forwarded headers are believed, such as 10.0.0.0/8
    #[arg(
        long,
        value_name = "NETWORK,...",
        env = "WEBCHAT_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    trusted_proxies: Option<Vec<IpNet>>,
    /// Certificate in PEM to encrypt connections with, the server's own first; SIGHUP reads it again
    #[arg(long, value_name = "FILE", env = "WEBCHAT_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// Its private key in PEM
    #[arg(long, value_name = "FILE", env = "WEBCHAT_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Connections open at once, in all [default: 20000]
    #[arg(long, value_name = "N", env = "WEBCHAT_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    connections: Option<u32>,
    /// Connections open at once from one address [default: 512]
    #[arg(long, value_name = "N", env = "WEBCHAT_CONNECTIONS_PER_ADDRESS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    connections_per_address: Option<u32>,
    /// Most MiB of files sent in chats; beyond them files are refused [default: 10240]
    #[arg(long, value_name = "MIB", env = "WEBCHAT_FILES_QUOTA")]
    files_quota: Option<u32>,
    /// MiB left on the disk under which it counts as full at /readyz [default: 8]
    #[arg(long, value_name = "MIB", env = "WEBCHAT_DISK_RESERVE")]
    disk_reserve: Option<u32>,
    /// Networks beside the public internet that webhooks may go to, such as 10.1.0.0/16
    #[arg(
        long,
        value_name = "NETWORK,...",
        env = "WEBCHAT_WEBHOOK_NETWORKS",
        value_delimiter = ','
    )]
    webhook_networks: Option<Vec<IpNet>>,
    #[command(flatten)]
    mail: MailFlags,
    #[command(flatten)]
    calls: CallFlags,
    // No flag: whoever may list processes would read it.
    #[arg(skip = std::env::var("WEBCHAT_SIGN_IN_SECRET").ok())]
    sign_in_secret: Option<String>,
    /// What to log, such as `info` or `warn,webchat_http=debug` [default: info]
    #[arg(long, value_name = "FILTER", env = "WEBCHAT_LOG")]
    log: Option<String>,
    /// How each event of the log is written [default: text]
    #[arg(long, value_name = "FORMAT", env = "WEBCHAT_LOG_FORMAT")]
    log_format: Option<Format>,
    /// OpenTelemetry collector to send traces to over HTTP, such as http://127.0.0.1:4318
    #[cfg(feature = "otel")]
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    otlp: Option<Url>,
    #[command(subcommand)]
    task: Option<Task>,
}

/// Something to do instead of serving.
#[derive(Subcommand, Debug, PartialEq)]
pub(crate) enum Task {
    /// Copy the data folder into DIR, which must be empty; the server may be running
    Backup {
        /// Where to
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
    /// Put the backup in DIR into the data folder, which must be empty
    Restore {
        /// Where from
        #[arg(value_name = "DIR")]
        from: PathBuf,
    },
    /// Write the journal of a stopped server, or of a backup, to FILE: one commit a line, its events as JSON
    ExportJournal {
        /// Where to; must not exist
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Look through the data folder of a stopped server, and say what is wrong with it
    Verify,
    /// Send a mail to ADDRESS, to prove the mail settings
    TestMail {
        /// Who gets it
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
    /// Write manual pages and shell completions below DIR, such as /usr/share
    Papers {
        /// Where to
        #[arg(value_name = "DIR")]
        share: PathBuf,
    },
}

/// All flags, for whoever describes them.
pub(crate) fn flags() -> clap::Command {
    Flags::command()
}

/// The settings file: the flags' names with underscores, all optional.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    public_url: Option<Url>,
    demo: Option<bool>,
    demo_password: Option<String>,
    trusted_proxies: Option<Vec<IpNet>>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    connections: Option<u32>,
    connections_per_address: Option<u32>,
    files_quota: Option<u32>,
    disk_reserve: Option<u32>,
    webhook_networks: Option<Vec<IpNet>>,
    #[serde(default)]
    webhooks: Vec<HookFile>,
    log: Option<String>,
    log_format: Option<Format>,
    #[cfg(feature = "otel")]
    otlp: Option<Url>,
    mail: Option<MailFile>,
    calls: Option<CallFile>,
    sign_in: Option<ProviderFile>,
}

/// `[[webhooks]]` in the settings file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct HookFile {
    url: String,
    #[serde(default)]
    events: Vec<String>,
    secret: Secret,
}

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<Url>,
    pub(crate) demo: bool,
    pub(crate) demo_password: String,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// `None`: connections are not encrypted here.
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) connections: usize,
    pub(crate) connections_per_address: usize,
    /// Bytes.
    pub(crate) files_quota: u64,
    /// Bytes.
    pub(crate) disk_reserve: u64,
    pub(crate) webhook_networks: Networks,
    pub(crate) webhooks: Vec<Declared>,
    /// `None`: offline messages stay owed.
    pub(crate) mailer: Option<Mailer>,
    pub(crate) calls: CallServers,
    /// `None`: passwords only.
    pub(crate) provider: Option<Provider>,
    pub(crate) log: String,
    pub(crate) log_format: Format,
    /// `None`: traces go nowhere, unless the environment names an address for them alone.
    #[cfg(feature = "otel")]
    pub(crate) otlp: Option<Url>,
    /// `None`: serve.
    pub(crate) task: Option<Task>,
}

impl Settings {
    /// Reads flags, environment and file of this process. Prints help or the mistake in a flag and exits.
    pub(crate) fn of_process() -> anyhow::Result<Self> {
        let flags = Flags::parse();
        let file = match &flags.config {
            Some(path) => read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => read(Path::new(DEFAULT_FILE))?,
            None => File::default(),
        };
        merge(flags, file)
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    toml::from_str(&text).with_context(|| format!("wrong setting in {shown}"))
}

fn merge(flags: Flags, file: File) -> anyhow::Result<Settings> {
    let count = |name: &str, value: Option<u32>, default: usize| match value {
        Some(value @ 1..=1_000_000) => Ok(value as usize),
        Some(value) => bail!("{name} is {value}, expected 1 to 1000000"),
        None => Ok(default),
    };
    let listen = flags
        .listen
        .or(file.listen)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let public_url = flags.public_url.or(file.public_url);
    if let Some(url) = &public_url
        && !(matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/")
    {
        bail!("public_url is {url}, expected http:// or https:// and a host, without a path");
    }
    let sign_in = file.sign_in;
    let provider = sign_in.map(|sign_in| sign_in.check(flags.sign_in_secret, public_url.as_ref()));
    let provider = provider.transpose()?;
    let webhook_networks = flags.webhook_networks.or(file.webhook_networks);
    let webhook_networks = Networks(webhook_networks.unwrap_or_default());
    let webhooks = declared(file.webhooks, &webhook_networks)?;
    let demo_password = flags.demo_password.or(file.demo_password);
    let demo_password = demo_password.unwrap_or_else(|| DEMO_PASSWORD.into());
    if !webchat_http::limits::PASSWORD_CHARS.contains(&demo_password.chars().count()) {
        let (least, most) = webchat_http::limits::PASSWORD_CHARS.into_inner();
        bail!("demo_password is not {least} to {most} characters long");
    }
    let tls = tls(
        flags.tls_certificate.or(file.tls_certificate),
        flags.tls_key.or(file.tls_key),
    )?;
    let crowd = webchat_http::Crowd::default();
    Ok(Settings {
        data: flags.data.or(file.data).unwrap_or_else(|| "data".into()),
        listen,
        public_url,
        demo: flags.demo.or(file.demo).unwrap_or(false),
        demo_password,
        webhook_networks,
        webhooks,
        trusted_proxies: flags
            .trusted_proxies
            .or(file.trusted_proxies)
            .unwrap_or_default(),
        tls,
        connections: count(
            "connections",
            flags.connections.or(file.connections),
            crowd.total,
        )?,
        files_quota: count(
            "files_quota",
            flags.files_quota.or(file.files_quota),
            10_240,
        )? as u64
            * 1_024
            * 1_024,
        disk_reserve: count("disk_reserve", flags.disk_reserve.or(file.disk_reserve), 8)? as u64
            * 1_024
            * 1_024,
        connections_per_address: count(
            "connections_per_address",
            flags
                .connections_per_address
                .or(file.connections_per_address),
            crowd.per_address,
        )?,
        mailer: flags.mail.over(file.mail)?,
        calls: flags.calls.over(file.calls)?,
        provider,
        #[cfg(feature = "otel")]
        otlp: flags.otlp.or(file.otlp),
        log_format: flags.log_format.or(file.log_format).unwrap_or(Format::Text),
        log: flags.log.or(file.log).unwrap_or_else(|| "info".into()),
        task: flags.task,
    })
}

/// The webhooks that the file declares, each address once.
fn declared(files: Vec<HookFile>, networks: &Networks) -> anyhow::Result<Vec<Declared>> {
    let mut known = BTreeSet::new();
    let one = |file: HookFile| {
        if !known.insert(file.url.clone()) {
            bail!("webhooks.url is {}, expected once", file.url);
        }
        let declared = Declared::check(file.url, file.events, &file.secret.0, networks);
        declared.map_err(|wrong| anyhow::anyhow!("webhooks.{wrong}"))
    };
    files.into_iter().map(one).collect()
}

/// The certificate and its key, which come together or not at all.
fn tls(certificate: Option<PathBuf>, key: Option<PathBuf>) -> anyhow::Result<Option<Arc<Tls>>> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let tls = Tls::load(&certificate, &key).context("cannot use the certificate")?;
            Ok(Some(tls))
        }
        (Some(_), None) => bail!("tls_key is missing, expected beside tls_certificate"),
        (None, Some(_)) => bail!("tls_certificate is missing, expected beside tls_key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(flags: &[&str], file: &str) -> anyhow::Result<Settings> {
        let flags = Flags::try_parse_from([&["server"], flags].concat())?;
        merge(flags, toml::from_str(file)?)
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let both = settings(
            &["--listen", "127.0.0.1:1"],
            "listen = '127.0.0.1:2'\ndata = 'd'",
        );
        let both = both.unwrap();
        assert_eq!(both.listen.port(), 1);
        assert_eq!(both.data, PathBuf::from("d"));
        assert!(!both.demo);
        assert!(settings(&["--demo"], "demo = false").unwrap().demo);
    }

    #[test]
    fn a_wrong_value_says_which_and_why() {
        let why = |flags: &[&str], file: &str| match settings(flags, file) {
            Ok(_) => panic!("{flags:?} {file}"),
            Err(error) => format!("{error:#}"),
        };
        let flag = why(&["--listen", "here"], "");
        assert!(flag.contains("'here' for '--listen <ADDR>'"), "{flag}");
        let unknown = why(&[], "lisen = 'x'");
        assert!(unknown.contains("unknown field `lisen`"), "{unknown}");
        let count = why(&[], "connections = 0");
        assert_eq!(count, "connections is 0, expected 1 to 1000000");
        let alone = why(&["--tls-key", "key.pem"], "");
        assert_eq!(alone, "tls_certificate is missing, expected beside tls_key");
        let nothing = why(&["--tls-key", "none.pem"], "tls_certificate = 'none.pem'");
        assert!(
            nothing.starts_with("cannot use the certificate: none.pem: "),
            "{nothing}"
        );
        let url = why(&["--public-url", "https://a.example/chat"], "");
        assert!(url.contains("without a path"), "{url}");
        let mail = why(&[], "mail = { host = 'mail.example', from = 'nobody' }");
        assert!(
            mail.starts_with("mail.from is nobody, expected an address"),
            "{mail}"
        );
    }

    #[test]
    fn mail_settings_come_from_flags_and_file_alike() {
        let none = settings(&[], "").unwrap();
        assert!(none.mailer.is_none() && none.task.is_none());
        let file = "mail = { host = 'mail.example', from = 'chat@shop.example' }";
        assert!(
            settings(&["--mail-port", "2525"], file)
                .unwrap()
                .mailer
                .is_some()
        );
        let flags = [
            "--mail-host",
            "mail.example",
            "--mail-from",
            "chat@shop.example",
        ];
        assert!(settings(&flags, "").unwrap().mailer.is_some());
        let Err(error) = settings(&["--mail-from", "chat@shop.example"], "") else {
            panic!("no host")
        };
        assert!(
            format!("{error:#}").starts_with("mail.host is "),
            "{error:#}"
        );
        let task = settings(&["test-mail", "ana@shop.example"], file)
            .unwrap()
            .task;
        let address = "ana@shop.example".to_owned();
        assert_eq!(task, Some(Task::TestMail { address }));
    }

    #[test]
    fn call_settings_come_from_flags_and_file_and_a_wrong_one_is_named() {
        let file = "calls = { turn = ['turn:turn.example:3478'], secret = 's' }";
        let calls = settings(
            &["--relay-only", "--stun", "stun:a.example,stuns:b.example"],
            file,
        );
        let calls = calls.unwrap().calls;
        assert!(calls.relay_only);
        assert_eq!(calls.stun.len(), 2);
        assert_eq!(calls.turn.unwrap().lifetime, 3_600);
        for (file, why) in [
            (
                "calls = { turn = ['turn:a.example'] }",
                "calls.secret is empty",
            ),
            ("calls = { relay_only = true }", "calls.relay_only is true"),
            (
                "calls = { stun = ['http://a.example'] }",
                "calls.stun is http://a.example",
            ),
            (
                "calls = { lifetime = 5 }",
                "calls.lifetime is 5, expected 60 to 86400",
            ),
        ] {
            let Err(error) = settings(&[], file) else {
                panic!("{file}")
            };
            assert!(error.to_string().starts_with(why), "{error}");
        }
    }

    #[test]
    fn the_call_settings_in_the_documentation_are_right() {
        let page = include_str!("../../docs/calls.md");
        let example = page.split("```").nth(1).unwrap();
        let calls = settings(&[], example.strip_prefix("toml").unwrap())
            .unwrap()
            .calls;
        assert_eq!(calls.turn.unwrap().urls.len(), 2);
    }

    #[test]
    fn the_sign_in_settings_in_the_documentation_are_right_and_a_wrong_one_is_named() {
        let page = include_str!("../../docs/sign-in.md");
        let example = page.split("```").nth(1).unwrap();
        let example = example.strip_prefix("toml").unwrap();
        let provider = settings(&[], example).unwrap().provider.unwrap();
        assert_eq!(provider.roles.values.len(), 3);
        assert!(provider.passwords && !provider.link_logins);
        assert!(!format!("{provider:?}").contains("secret"));
        let public = "public_url = 'https://chat.example'\n[sign_in]\nclient_id = 'c'\n";
        for (rest, why) in [
            (
                "issuer = 'http://login.example'",
                "sign_in.issuer is http://login.example",
            ),
            ("issuer = 'login'", "sign_in.issuer is login"),
            (
                "issuer = 'https://a.example'\nrole = 'king'",
                "sign_in.role is king",
            ),
            (
                "issuer = 'https://a.example'\nrole_claim = 'groups'",
                "sign_in.role_claim and sign_in.roles",
            ),
            (
                "issuer = 'https://a.example'\nauthority = 'none.pem'",
                "cannot use sign_in.authority",
            ),
        ] {
            let Err(error) = settings(&[], &format!("{public}{rest}")) else {
                panic!("{rest}")
            };
            assert!(error.to_string().starts_with(why), "{error}");
        }
        let alone = settings(
            &[],
            "[sign_in]\nclient_id = 'c'\nissuer = 'http://127.0.0.1:1'",
        );
        assert!(format!("{:#}", alone.err().unwrap()).starts_with("public_url is missing"));
    }

    #[test]
    fn the_webhooks_in_the_documentation_are_right_and_a_wrong_one_is_named() {
        let page = include_str!("../../docs/webhooks.md");
        let example = page.split("```toml").nth(1).unwrap();
        let example = example.split("```").next().unwrap();
        assert_eq!(settings(&[], example).unwrap().webhooks.len(), 1);
        for (file, why) in [
            (example.replace("https:", "http:"), "webhooks.url is http:"),
            (
                example.replace("chat_closed", "chat_opened"),
                "webhooks.events is chat_opened",
            ),
            (example.replace("whsec_", ""), "webhooks.secret is "),
            (format!("{example}{example}"), "webhooks.url is https://"),
        ] {
            let Err(error) = settings(&[], &file) else {
                panic!("{file}")
            };
            assert!(error.to_string().starts_with(why), "{error}");
        }
    }

    #[test]
    fn the_mail_settings_in_the_documentation_are_right() {
        let page = include_str!("../../docs/mail.md");
        let example = page.split("```").nth(1).unwrap();
        let example = example.strip_prefix("toml").unwrap();
        let lines = example
            .lines()
            .filter(|line| !line.starts_with("authority"));
        let file = lines.collect::<Vec<_>>().join("\n");
        assert!(settings(&[], &file).unwrap().mailer.is_some());
    }
}
