//! A connection to an SFTP server: the system's `ssh`, and packets over its pipes.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::deliver::transport::sftp::packet::{self, Answer, Packet, kind};

/// Bytes of the longest packet that is read: servers send at most 256 KiB and a little.
const MAX_PACKET: u32 = 1 << 20;

/// Answers that may be there before they are asked for: requests are sent some dozens at a time.
const MAX_EARLY: usize = 1024;

/// Bytes of what `ssh` says that are kept.
const MAX_WORDS: usize = 8 << 10;

/// How long `ssh` may take to end, and to say why, once its pipes are closed.
const GRACE: Duration = Duration::from_secs(2);

/// What of the environment `ssh` gets: no secret of this program.
const ENVIRONMENT: [&str; 8] = ["HOME", "PATH", "USER", "LOGNAME", "SSH_AUTH_SOCK", "TMPDIR", "XDG_RUNTIME_DIR", "KRB5CCNAME"];

/// How SFTP servers are reached.
#[derive(Debug, Clone, Default)]
pub struct SftpSettings {
    /// The private key.
    pub identity_file: Option<PathBuf>,
    /// The keys of the hosts that are trusted.
    pub known_hosts_file: Option<PathBuf>,
}

/// Which server, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Login {
    /// The user, unless the configuration of `ssh` says it.
    pub user: Option<String>,
    /// The host.
    pub host: String,
    /// The port, unless the configuration of `ssh` says it.
    pub port: Option<u16>,
}

/// A connection that is open.
#[derive(Debug)]
pub struct Connection {
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
    words: Arc<Mutex<Vec<u8>>>,
    /// Answers that came before they were asked for.
    early: HashMap<u32, Answer>,
    count: u32,
    extensions: Vec<String>,
}

impl Connection {
    /// Starts `ssh`, which may ask nobody anything and trusts only hosts that it knows.
    ///
    /// # Errors
    /// `ssh` cannot be started, or ended; with what it said then.
    pub async fn open(login: &Login, settings: &SftpSettings, limit: Duration) -> Result<Self, (io::Error, String)> {
        let mut child = command(login, settings, limit).spawn().map_err(|error| (error, String::new()))?;
        let (Some(requests), Some(answers), Some(mut errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err((io::ErrorKind::BrokenPipe.into(), String::new()));
        };
        let words: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&words);
        tokio::spawn(async move {
            let mut piece = [0; 1024];
            while let Ok(count @ 1..) = errors.read(&mut piece).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = MAX_WORDS.saturating_sub(kept.len());
                kept.extend(&piece[..count.min(room)]);
            }
        });
        let mut connection = Self { child, requests, answers, words, early: HashMap::new(), count: 0, extensions: Vec::new() };
        match connection.greet().await {
            Ok(extensions) => connection.extensions = extensions,
            Err(error) => return Err((error, connection.last_words().await)),
        }
        Ok(connection)
    }

    async fn greet(&mut self) -> io::Result<Vec<String>> {
        self.requests.write_all(&Packet::new(kind::INIT).u32(3).finish()).await?;
        match self.receive().await? {
            (_, Answer::Version(extensions)) => Ok(extensions),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// What `ssh` said, once it ended.
    async fn last_words(&mut self) -> String {
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        // The rest of what it said is in the pipe still.
        tokio::time::sleep(Duration::from_millis(20)).await;
        String::from_utf8_lossy(&self.words.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Whether the server has an extension of OpenSSH.
    pub fn has(&self, extension: &str) -> bool {
        self.extensions.iter().any(|known| known == extension)
    }

    /// Sends a request and returns its number. `fill` adds what it asks for.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, kind: u8, fill: impl FnOnce(Packet) -> Packet) -> io::Result<u32> {
        self.count = self.count.wrapping_add(1);
        let packet = fill(Packet::new(kind).u32(self.count)).finish();
        self.requests.write_all(&packet).await?;
        Ok(self.count)
    }

    /// Waits for the answer to the request `number`.
    ///
    /// # Errors
    /// The connection broke, or the server does not keep to the protocol.
    pub async fn answer(&mut self, number: u32) -> io::Result<Answer> {
        loop {
            if let Some(answer) = self.early.remove(&number) {
                return Ok(answer);
            }
            let (number, answer) = self.receive().await?;
            self.early.insert(number, answer);
            if self.early.len() > MAX_EARLY {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// As for [`answer`](Self::answer).
    pub async fn ask(&mut self, kind: u8, fill: impl FnOnce(Packet) -> Packet) -> io::Result<Answer> {
        let number = self.send(kind, fill).await?;
        self.answer(number).await
    }

    async fn receive(&mut self) -> io::Result<(u32, Answer)> {
        let length = self.answers.read_u32().await?;
        if length > MAX_PACKET {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut packet = vec![0; length as usize];
        self.answers.read_exact(&mut packet).await?;
        packet::read(&packet).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

fn command(login: &Login, settings: &SftpSettings, limit: Duration) -> Command {
    let mut command = Command::new("ssh");
    command.env_clear().env("LC_ALL", "C").envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    let connect = limit.as_secs().clamp(1, 60);
    let fixed = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=2",
        "ClearAllForwardings=yes",
        "ForwardAgent=no",
        "ForwardX11=no",
        "PermitLocalCommand=no",
        "EscapeChar=none",
        "LogLevel=ERROR",
    ];
    command.args(fixed.map(|option| format!("-o{option}"))).arg(format!("-oConnectTimeout={connect}"));
    if let Some(file) = &settings.identity_file {
        command.arg("-oIdentitiesOnly=yes").arg("-i").arg(file);
    }
    if let Some(file) = &settings.known_hosts_file {
        command.arg(format!("-oUserKnownHostsFile={}", file.display())).arg("-oGlobalKnownHostsFile=/dev/null");
    }
    if let Some(user) = &login.user {
        command.arg("-l").arg(user);
    }
    if let Some(port) = login.port {
        command.arg("-p").arg(port.to_string());
    }
    command.args(["-s", "--", &login.host, "sftp"]);
    // Of a group of its own: whoever interrupts this program lets it end its transfers itself.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
    command
}
