//! A real Chromium, driven through WebDriver: the browser on another computer or phone.

use std::fs;
use std::io::ErrorKind;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result, bail};
use fantoccini::wd::Capabilities;
use fantoccini::{ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::Window;
use crate::desktop::{ProcessGroup, dies_with_parent};
use crate::window::{PAUSE, bounded, free_port, max_tries, selector, wait_for_port, which};

/// The circumstances in which a browser is opened.
#[derive(Clone, Debug, Default)]
pub struct Browsing {
    /// No script of a page runs.
    pub without_scripts: bool,
    /// The dark theme.
    pub dark: bool,
    /// The language of the person, such as `de`.
    pub language: Option<&'static str>,
}

/// An open browser. It has all methods of a window of the wizard.
#[derive(Debug)]
pub struct Browser {
    window: Option<Window>,
    folder: PathBuf,
    _driver: ProcessGroup,
}

impl Deref for Browser {
    type Target = Window;

    fn deref(&self) -> &Window {
        // It is there until the browser is dropped.
        self.window.as_ref().unwrap_or_else(|| unreachable!("the browser is closed"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(window) = self.window.take() {
            window.quit();
        }
    }
}

impl Browser {
    /// Opens a browser that has never been used, with its files in `folder`.
    ///
    /// # Errors
    /// Fails if Chromium or its driver is missing or doesn't come up.
    pub fn open(folder: &Path, browsing: &Browsing) -> Result<Self> {
        let profile = folder.join(format!("profile-{}", unique_name()));
        let downloads = profile.join("downloads");
        fs::create_dir_all(&downloads).context("no folder for the browser")?;
        let port = free_port()?;
        let mut command = dies_with_parent("chromedriver");
        command
            .arg(format!("--port={port}"))
            .env("HOME", &profile)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = ProcessGroup::spawn(&mut command)?;
        wait_for_port(port)?;
        let chromium = which("chromium").context("chromium is missing: `cargo xtask setup`")?;
        let mut arguments = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            // A moving test picture replaces the camera, without a permission prompt.
            "--use-fake-device-for-media-stream".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            // The vendor's host, as a user on its network sees it.
            "--host-resolver-rules=MAP licence.acme.example 127.0.0.1".to_owned(),
            format!("--user-data-dir={}", profile.display()),
            "--window-size=1000,900".to_owned(),
        ];
        if browsing.dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
            arguments.push("--force-dark-mode".to_owned());
        }
        let mut preferences = json!({
            "download.default_directory": downloads,
            "download.prompt_for_download": false,
            "profile.content_settings.exceptions.clipboard": { "*": { "setting": 1 } },
        });
        if browsing.without_scripts {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        if let Some(language) = browsing.language {
            preferences["intl.accept_languages"] = json!(language);
            preferences["intl.selected_languages"] = json!(language);
        }
        let mut capabilities = Capabilities::new();
        let options = json!({ "binary": chromium, "args": arguments, "prefs": preferences });
        capabilities.insert("goog:chromeOptions".into(), options);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("no runtime for WebDriver")?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let connecting = async { Ok(builder.connect(&address).await?) };
        let client = bounded(&runtime, None, connecting).context("Chromium didn't open")?;
        let window = Some(Window::new(runtime, client));
        Ok(Self { window, folder: profile, _driver: driver })
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// Fails if the browser doesn't load the page.
    pub fn go(&self, address: &str) -> Result<()> {
        self.request(async { Ok(self.client()?.goto(address).await?) })
            .with_context(|| format!("{address} can't be opened"))
    }

    /// Waits until this page of the portal is shown.
    ///
    /// # Errors
    /// Fails if the page doesn't appear.
    pub fn wait_for_page(&self, name: &str) -> Result<()> {
        self.wait_for_value("page", "data-page", name)
    }

    /// Opens the start page and submits a text there.
    ///
    /// # Errors
    /// Fails if the portal does something else.
    pub fn submit_text(&self, address: &str, text: &str) -> Result<()> {
        self.go(&format!("{address}/"))?;
        self.type_into("box", text)?;
        self.click("continue")
    }

    /// Chooses a file in the field with this test id.
    ///
    /// # Errors
    /// Fails if there is no such field.
    pub fn choose_file(&self, id: &str, path: &Path) -> Result<()> {
        self.wait_for(id)?;
        let path = path.to_string_lossy();
        self.request(async {
            let field = self.client()?.find(Locator::Css(&selector(id))).await?;
            Ok(field.send_keys(&path).await?)
        })
        .context("the file can't be chosen")
    }

    /// The text of a downloaded file.
    ///
    /// # Errors
    /// Fails if the file isn't downloaded.
    pub fn read_download(&self, name: &str) -> Result<String> {
        let path = self.folder.join("downloads").join(name);
        for _ in 0..max_tries() {
            // The browser reserves the name with an empty file, and replaces that once it has
            // everything.
            match fs::read_to_string(&path) {
                Ok(text) if !text.is_empty() => return Ok(text),
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).context("the file can't be read");
                }
                _ => thread::sleep(PAUSE),
            }
        }
        bail!("{name} wasn't saved.")
    }

    /// The text that a page has put on the clipboard.
    ///
    /// # Errors
    /// Fails if the browser doesn't give its clipboard.
    pub fn read_clipboard(&self) -> Result<String> {
        let text = self.value("return navigator.clipboard.readText()", &[])?;
        text.as_str().map(str::to_owned).context("nothing is on the clipboard")
    }

    /// Runs a script in every page from now on, before the page's own.
    ///
    /// # Errors
    /// Fails if the browser doesn't accept the script.
    pub fn add_page_script(&self, script: &str) -> Result<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
    }

    /// Gives the page the size of a phone's screen.
    ///
    /// # Errors
    /// Fails if the page keeps its size.
    pub fn emulate_phone(&self) -> Result<()> {
        // A headless browser's window has at least 500 pixels, so the size of the page is
        // overridden.
        self.emulate(390, 780)
    }

    /// Sets the width of the page, and its height to that of its content.
    ///
    /// # Errors
    /// Fails if the page keeps its size.
    pub fn show_whole_page(&self, width: u32) -> Result<()> {
        self.emulate(width, 640)?;
        let high = self.value("return document.documentElement.scrollHeight", &[])?;
        let high = high.as_u64().and_then(|high| u32::try_from(high).ok());
        self.emulate(width, high.context("the page has no height")?.max(640))
    }

    fn emulate(&self, width: u32, height: u32) -> Result<()> {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", screen)
    }

    /// Shows the page with its print styles.
    ///
    /// # Errors
    /// Fails if the browser doesn't change the medium.
    pub fn emulate_print(&self) -> Result<()> {
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }))
    }

    fn devtools(&self, command: &str, parameters: serde_json::Value) -> Result<()> {
        let order = Devtools { command: command.to_owned(), parameters };
        self.request(async { Ok(self.client()?.issue_cmd(order).await?) })
            .with_context(|| format!("Chromium refuses {command}"))?;
        Ok(())
    }
}

/// ChromeDriver's endpoint for Chromium's own commands.
#[derive(Debug)]
struct Devtools {
    command: String,
    parameters: serde_json::Value,
}

impl fantoccini::wd::WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> std::result::Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// A name that no other browser of this run has.
fn unique_name() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The texts of the QR codes in a picture, as an independent program reads them.
///
/// # Errors
/// Fails if zbarimg isn't installed.
pub fn pictures_in(picture: &Path) -> Result<Vec<String>> {
    let answer = std::process::Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .context("zbarimg is missing: `cargo xtask setup` installs it")?;
    let text = String::from_utf8_lossy(&answer.stdout);
    Ok(text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect())
}
