//! A browser, as people use it: what is clicked and read is named by `data-testid`, also inside the widget's shadow
//! root.

use std::{fs, path::PathBuf};

use fantoccini::{Client, ClientBuilder, elements::Element, wd::WindowHandle};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::{
    folder::Folder,
    ports,
    process::{Launch, Process},
    programs,
    rest::Rest,
    wait::{eventually, until, within},
};

/// A program that starts browsers and steers them.
#[derive(Debug)]
pub struct Browser {
    port: u16,
    _driver: Process,
    folder: Folder,
}

/// A browser of its own, with one page open: nothing of it is shared with another window.
#[derive(Debug)]
pub struct Window {
    name: String,
    driver: String,
    client: Client,
}

impl Browser {
    /// Starts the program; browsers come with [`Browser::window`].
    ///
    /// # Panics
    /// When `chromedriver` is missing or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = Folder::new("browser");
        let port = ports::free();
        let log = folder.path().join("chromedriver.log");
        let driver = Launch::new("chromedriver", programs::on_path("chromedriver"), log)
            .args([format!("--port={port}")])
            .env("TMPDIR", folder.path().to_string_lossy())
            .start();
        driver.await_line("that it is ready", |line| line.contains("started successfully"));
        Self { port, _driver: driver, folder }
    }

    /// Opens a browser of this size, in pixels.
    ///
    /// # Panics
    /// When `chromium` is missing or does not start.
    pub async fn window(&self, name: &str, (width, height): (u32, u32)) -> Window {
        let profile = self.folder.inside(name);
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            // The browser ends when the process that controls it ends.
            "--remote-debugging-pipe",
        ];
        let mut arguments: Vec<String> = arguments.map(ToOwned::to_owned).to_vec();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let options = json!({"binary": programs::on_path("chromium"), "args": arguments});
        let mut wishes = serde_json::Map::new();
        wishes.insert("goog:chromeOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{}", self.port);
        let client = within("a browser", builder.capabilities(wishes).connect(&address)).await;
        let client = client.expect("the browser starts");
        let window = Window { name: name.to_owned(), driver: address, client };
        window.resize((width, height)).await;
        window
    }
}

impl Window {
    /// Opens a page.
    ///
    /// # Panics
    /// When the browser does not.
    pub async fn open(&self, address: &str) {
        within(address, self.client.goto(address)).await.expect("the page opens");
    }

    /// Opens another tab of the same browser, and goes there.
    ///
    /// # Panics
    /// When the browser does not.
    pub async fn new_tab(&self) -> WindowHandle {
        let tab = within("a tab", self.client.new_window(true)).await.expect("a browser opens tabs");
        self.to_tab(&tab.handle).await;
        tab.handle
    }

    /// The tab that is looked at.
    ///
    /// # Panics
    /// When the browser does not answer.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a browser knows its tab")
    }

    /// Goes to a tab.
    ///
    /// # Panics
    /// When there is none of this name.
    pub async fn to_tab(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.expect("the tab is there");
    }

    /// Loads the page again.
    ///
    /// # Panics
    /// When the browser does not.
    pub async fn reload(&self) {
        within("a reload", self.client.refresh()).await.expect("the page opens");
    }

    /// Makes the page this large, in pixels.
    ///
    /// # Panics
    /// When the browser does not.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        // A window cannot be as narrow as a phone; a device can.
        let id = self.client.session_id().await.expect("a browser answers").expect("a browser has a session");
        let device = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let order = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": device});
        Rest::at(self.driver.clone()).post_ok(&format!("/session/{id}/goog/cdp/execute"), &order).await;
    }

    /// The first element of this name that is shown.
    ///
    /// # Panics
    /// When there is none within the deadline.
    pub async fn element(&self, name: &str) -> Element {
        until(&format!("{}: {name}", self.name), async || {
            let found = self.run(ELEMENT, json!(name)).await?;
            let id = found.as_object()?.values().next()?.as_str()?.to_owned();
            Some(Element::from_element_id(self.client.clone(), id.into()))
        })
        .await
    }

    /// Clicks on an element.
    ///
    /// # Panics
    /// When there is none, or it cannot be clicked on.
    pub async fn click(&self, name: &str) {
        until(&format!("{}: a click on {name}", self.name), async || self.element(name).await.click().await.ok()).await;
    }

    /// Types into a field.
    ///
    /// # Panics
    /// When there is none, or it cannot be typed into.
    pub async fn type_into(&self, name: &str, text: &str) {
        let typed = self.element(name).await.send_keys(text).await;
        typed.unwrap_or_else(|error| panic!("{}: {name} takes no text: {error}", self.name));
    }

    /// Waits until an element of this name has this value under an attribute.
    ///
    /// # Panics
    /// When none has within the deadline.
    pub async fn shows(&self, name: &str, attribute: &str, value: &str) {
        until(&format!("{}: {name} with {attribute}={value}", self.name), async || {
            let values = self.run(ATTRIBUTES, json!([name, attribute])).await?;
            values.as_array()?.iter().any(|found| found == value).then_some(())
        })
        .await;
    }

    /// The texts of all elements of this name.
    pub async fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.run(TEXTS, json!(name)).await.unwrap_or_default();
        serde_json::from_value(texts).unwrap_or_default()
    }

    /// The messages on the screen: objects with `seq`, `state`, `kind`, `mine` and `text`.
    pub async fn messages(&self) -> Vec<Value> {
        let messages = self.run(MESSAGES, Value::Null).await.unwrap_or_default();
        messages.as_array().cloned().unwrap_or_default()
    }

    /// Waits until a message on the screen is `wanted`.
    ///
    /// # Panics
    /// When none is within the deadline.
    pub async fn message(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Vec::new();
        let found = eventually(async || {
            last = self.messages().await;
            last.iter().find(|message| wanted(message)).cloned()
        });
        let found = found.await;
        found.unwrap_or_else(|| panic!("{}: no {what} among {last:?}", self.name))
    }

    /// Keeps a picture of the page in `target/screenshots`.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn picture(&self, name: &str) {
        // A picture in the middle of an animation is useless; an animation without end is not waited for.
        let _moves_for_ever = eventually(async || (self.run(MOVES, Value::Null).await? == false).then_some(())).await;
        let folder: PathBuf = programs::target().join("screenshots");
        fs::create_dir_all(&folder).expect("the build folder is writable");
        let picture = self.client.screenshot().await.expect("a browser shows what it shows");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the build folder is writable");
    }

    /// Whether the page can be scrolled sideways: on a narrow screen it must not.
    pub async fn overflows(&self) -> bool {
        self.run(OVERFLOWS, Value::Null).await == Some(Value::Bool(true))
    }

    /// Runs a script of our own; `None` when the page is not ready for it.
    pub async fn run(&self, script: &str, argument: Value) -> Option<Value> {
        let script = format!("{ALL}\n{script}");
        self.client.execute(&script, vec![argument]).await.ok()
    }

    /// Ends the browser.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn close(self) {
        within("the end of a browser", self.client.close()).await.expect("a browser can be ended");
    }
}

/// All elements of a name, also in shadow roots.
const ALL: &str = r#"
const all = (name) => [document, ...[...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean)]
  .flatMap((root) => [...root.querySelectorAll(`[data-testid="${name}"]`)]);
"#;
const ELEMENT: &str = "return all(arguments[0]).find((e) => e.getClientRects().length > 0) ?? null;";
const ATTRIBUTES: &str = "return all(arguments[0][0]).map((e) => e.getAttribute(arguments[0][1]));";
const TEXTS: &str = "return all(arguments[0]).map((e) => e.innerText);";
const MESSAGES: &str = r#"
return all('message').map((e) => ({
  seq: e.dataset.seq, state: e.dataset.state, kind: e.dataset.kind, mine: e.dataset.mine === 'true',
  text: (e.querySelector('.bubble') ?? e).textContent.trim(),
}));
"#;
const MOVES: &str = r#"
return document.getAnimations().some((a) => a.playState === 'running' && a.effect.getComputedTiming().endTime < 10000);
"#;
const OVERFLOWS: &str = "return document.documentElement.scrollWidth > window.innerWidth;";
