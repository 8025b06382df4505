//! Pages in headless Chromium.
//!
//! ```text
//! let mut browser = Browser::start("trace");                // one per test; its folder is target/tmp/browser/trace
//! let mut page = browser.open(&path, Window::WIDE.dark());  // a file, or a URL of 127.0.0.1
//! page.click("#next");                                      // elements by CSS selectors
//! page.key("ArrowRight");
//! page.hover(".value");
//! assert_eq!(page.text("#step"), "2 of 14");
//! page.check_looks();                                       // contrast, width, labels
//! page.screenshot("second-step");                           // target/tmp/browser/trace/second-step.png
//! page.close();                                             // fails on errors of the console and on foreign requests
//! ```
//!
//! Dropping a page closes it, with the same checks.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::devtools::{Connection, LIMIT};

/// A running Chromium with a folder for its screenshots.
pub struct Browser {
    connection: Connection,
    folder: PathBuf,
}

/// The window and the reader's preferences.
#[derive(Clone, Copy)]
pub struct Window {
    width: u32,
    height: u32,
    is_dark: bool,
    has_scripts: bool,
}

/// An open page.
pub struct Page<'browser> {
    browser: &'browser mut Browser,
    target: String,
    session: String,
}

#[allow(dead_code, reason = "each test file uses some")]
impl Window {
    /// The window of a desktop computer, or of a projector.
    pub const WIDE: Window = Window { width: 1400, height: 900, is_dark: false, has_scripts: true };
    /// The window of a telephone.
    pub const NARROW: Window = Window { width: 420, height: 800, ..Window::WIDE };

    /// The same window for a reader who prefers dark pages.
    pub const fn dark(self) -> Window {
        Window { is_dark: true, ..self }
    }

    /// The same window for a reader who has switched scripts off.
    pub const fn without_scripts(self) -> Window {
        Window { has_scripts: false, ..self }
    }

    /// Both widths in both schemes, each with a name for its screenshot.
    pub const ALL: [(&'static str, Window); 4] = [
        ("wide-light", Window::WIDE),
        ("wide-dark", Window::WIDE.dark()),
        ("narrow-light", Window::NARROW),
        ("narrow-dark", Window::NARROW.dark()),
    ];
}

impl Browser {
    /// Starts Chromium. Tests that run at the same time give different names.
    pub fn start(name: &str) -> Browser {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name);
        let connection = Connection::start(folder.join("profile"));
        Browser { connection, folder }
    }

    /// The folder for files of this test.
    #[allow(dead_code, reason = "not every test file needs it")]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens a file and waits until it is loaded.
    pub fn open(&mut self, file: &Path, window: Window) -> Page<'_> {
        assert!(file.is_file(), "{} is no file", file.display());
        let path = file.canonicalize().expect("it is there");
        self.open_url(&format!("file://{}", path.display()), window)
    }

    /// Opens a URL of this machine and waits until it is loaded.
    pub fn open_url(&mut self, url: &str, window: Window) -> Page<'_> {
        assert!(is_local(url), "{url} is not on this machine");
        let blank = json!({"url": "about:blank"});
        let target = self.connection.call("", "Target.createTarget", blank)["targetId"].clone();
        let attach = json!({"targetId": target, "flatten": true});
        let session = self.connection.call("", "Target.attachToTarget", attach)["sessionId"].clone();
        let text = |value: Value| value.as_str().expect("it is text").to_owned();
        let mut page = Page { browser: self, target: text(target), session: text(session) };
        page.prepare(window);
        page.load(url);
        page
    }
}

/// Whether a URL leads to a file, to loopback, or to nowhere.
fn is_local(url: &str) -> bool {
    ["file:", "data:", "blob:", "about:", "http://127.0.0.1:", "http://localhost:"]
        .iter()
        .any(|start| url.starts_with(start))
}

#[allow(dead_code, reason = "each test file uses some")]
impl Page<'_> {
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.browser.connection.call(&self.session, method, parameters)
    }

    fn prepare(&mut self, window: Window) {
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        let Window { width, height, is_dark, has_scripts } = window;
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
        let scheme = if is_dark { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]}),
        );
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": !has_scripts}));
    }

    /// Goes to a URL of this machine and waits until it is loaded.
    pub fn load(&mut self, url: &str) {
        assert!(is_local(url), "{url} is not on this machine");
        let answer = self.call("Page.navigate", json!({"url": url}));
        assert!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        // A change of the fragment loads nothing.
        if !answer["loaderId"].is_null() {
            self.browser.connection.wait_for(&self.session, "Page.loadEventFired");
        }
    }

    /// The value of a JavaScript expression; a promise is awaited.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        let exception = &answer["exceptionDetails"];
        assert!(exception.is_null(), "{expression}: {exception}");
        answer["result"]["value"].clone()
    }

    /// Waits until a JavaScript expression is true.
    pub fn wait_until(&mut self, expression: &str) {
        let start = Instant::now();
        while self.evaluate(&format!("Boolean({expression})")) != json!(true) {
            assert!(start.elapsed() < LIMIT, "never: {expression}; the console: {:?}", self.faults());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The value of `property` of the first element that the selector matches.
    pub fn property(&mut self, selector: &str, property: &str) -> Value {
        let found = self.evaluate(&format!("document.querySelector({}) !== null", json!(selector)));
        assert_eq!(found, json!(true), "no element matches {selector}");
        self.evaluate(&format!("document.querySelector({}).{property}", json!(selector)))
    }

    /// The text of the first element, as it is shown.
    pub fn text(&mut self, selector: &str) -> String {
        self.property(selector, "innerText").as_str().unwrap_or_default().to_owned()
    }

    /// The texts of all elements, as they are shown.
    pub fn texts(&mut self, selector: &str) -> Vec<String> {
        let all = format!("[...document.querySelectorAll({})].map((e) => e.innerText)", json!(selector));
        let texts = self.evaluate(&all);
        let texts = texts.as_array().expect("it is a list").iter();
        texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The number of elements that the selector matches.
    pub fn count(&mut self, selector: &str) -> u64 {
        let count = format!("document.querySelectorAll({}).length", json!(selector));
        self.evaluate(&count).as_u64().expect("it is a number")
    }

    /// Moves the pointer to the middle of the first element's first box, which is scrolled into view.
    pub fn hover(&mut self, selector: &str) {
        let (x, y) = self.middle(selector);
        self.mouse("mouseMoved", x, y);
    }

    /// Moves the pointer to the middle of the first line that the selector matches, in an SVG.
    pub fn hover_path(&mut self, selector: &str) {
        let place = self.evaluate(&format!(
            "(() => {{ const path = document.querySelector({});
                const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
                return [at.x, at.y]; }})()",
            json!(selector)
        ));
        let part = |index: usize| place[index].as_f64().expect("it is a number");
        self.mouse("mouseMoved", part(0), part(1));
    }

    /// Clicks the first element.
    pub fn click(&mut self, selector: &str) {
        let (x, y) = self.middle(selector);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            self.mouse(kind, x, y);
        }
    }

    /// Drags the pointer from the middle of an element by a distance.
    pub fn drag(&mut self, selector: &str, right: f64, down: f64) {
        let (x, y) = self.middle(selector);
        self.mouse("mouseMoved", x, y);
        self.mouse("mousePressed", x, y);
        self.mouse("mouseMoved", x + right / 2.0, y + down / 2.0);
        self.mouse("mouseMoved", x + right, y + down);
        self.mouse("mouseReleased", x + right, y + down);
    }

    fn mouse(&mut self, kind: &str, x: f64, y: f64) {
        let (button, clicks) = if kind == "mouseMoved" { ("none", 0) } else { ("left", 1) };
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": clicks});
        self.call("Input.dispatchMouseEvent", event);
    }

    fn middle(&mut self, selector: &str) -> (f64, f64) {
        self.property(
            selector,
            "scrollIntoView({block: \"center\", inline: \"nearest\", behavior: \"instant\"})",
        );
        let place = self.property(selector, "getClientRects()[0].toJSON()");
        let part = |name: &str| place[name].as_f64().unwrap_or_else(|| panic!("{selector} is not shown"));
        (part("x") + part("width") / 2.0, part("y") + part("height") / 2.0)
    }

    /// Gives the first element the focus.
    pub fn focus(&mut self, selector: &str) {
        self.property(selector, "focus()");
    }

    /// Presses and releases a key by the name that `KeyboardEvent.key` has for it: `ArrowRight`, `Home`, `n`, `Enter`.
    pub fn key(&mut self, key: &str) {
        let mut event = json!({"type": "keyDown", "key": key, "code": code_of(key)});
        event["windowsVirtualKeyCode"] = json!(number_of(key));
        match key {
            "Enter" => event["text"] = json!("\r"),
            key if key.chars().count() == 1 => event["text"] = json!(key),
            _ => {}
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = json!("keyUp");
        event.as_object_mut().expect("it is an object").remove("text");
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Replaces the content of a field, as typing does.
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.focus(selector);
        self.property(selector, "select()");
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Selects an option of a `select` element by its value, as a reader does.
    pub fn choose(&mut self, selector: &str, value: &str) {
        let value = json!(value);
        let there = format!(
            "[...document.querySelector({}).options].some((o) => o.value === {value})",
            json!(selector)
        );
        let there = self.evaluate(&there);
        assert_eq!(there, json!(true), "{selector} has no option {value}");
        let set = format!(
            "(() => {{ const e = document.querySelector({}); e.value = {value};
                e.dispatchEvent(new Event('input', {{bubbles: true}}));
                e.dispatchEvent(new Event('change', {{bubbles: true}})); }})()",
            json!(selector)
        );
        self.evaluate(&set);
    }

    /// Checks what a machine can check of the looks: contrast, no scrolling sideways, labels of controls.
    pub fn check_looks(&mut self) {
        let faults = self.evaluate(include_str!("looks.js"));
        assert_eq!(faults, json!([]), "the looks of {}: {faults:#}", self.session);
    }

    /// Writes a picture of the whole page to the browser's folder. Returns its path.
    pub fn screenshot(&mut self, name: &str) -> PathBuf {
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        let clip = json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let options = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let picture = self.call("Page.captureScreenshot", options);
        let path = self.browser.folder.join(format!("{name}.png"));
        let bytes = from_base64(picture["data"].as_str().expect("a picture is text"));
        std::fs::write(&path, bytes).expect("the folder for tests is writable");
        path
    }

    /// The errors since the page was opened or since the last call: of the console, of scripts that nobody caught, and
    /// requests that leave this machine.
    pub fn faults(&mut self) -> Vec<String> {
        let events = self.browser.connection.take_events(&self.session);
        events.iter().filter_map(fault_of).collect()
    }

    /// Closes the page. Panics if it has faults.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("errors of the page: {:#?}", self.faults());
            return;
        }
        // What the page logged before this call arrives before its answer.
        self.evaluate("0");
        let faults = self.faults();
        let target = json!({"targetId": self.target});
        self.browser.connection.call("", "Target.closeTarget", target);
        assert!(faults.is_empty(), "the page has errors:\n{}", faults.join("\n"));
    }
}

/// The message of an event that no page should cause.
fn fault_of(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &parameters["exceptionDetails"];
            let described = details["exception"]["description"].as_str().or(details["text"].as_str());
            Some(format!("exception: {}", described.unwrap_or("without a text")))
        }
        "Runtime.consoleAPICalled"
            if ["error", "warning", "assert"].contains(&parameters["type"].as_str()?) =>
        {
            let said = parameters["args"].as_array()?.iter();
            let said: Vec<String> = said
                .map(|value| value["value"].as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            Some(format!("console: {}", said.join(" ")))
        }
        "Log.entryAdded" if ["error", "warning"].contains(&parameters["entry"]["level"].as_str()?) => {
            Some(format!("log: {} {}", parameters["entry"]["text"], parameters["entry"]["url"]))
        }
        "Network.requestWillBeSent" => {
            let url = parameters["request"]["url"].as_str()?;
            (!is_local(url)).then(|| format!("request to {url}"))
        }
        _ => None,
    }
}

/// The name of the key's place on the keyboard.
fn code_of(key: &str) -> String {
    match key.as_bytes() {
        [letter @ (b'a'..=b'z' | b'A'..=b'Z')] => format!("Key{}", letter.to_ascii_uppercase() as char),
        [digit @ b'0'..=b'9'] => format!("Digit{}", *digit as char),
        b" " => "Space".to_owned(),
        _ => key.to_owned(),
    }
}

/// The number of a key for events, which Chromium needs for keys without a character.
fn number_of(key: &str) -> u32 {
    match key {
        "Backspace" => 8,
        "Tab" => 9,
        "Enter" => 13,
        "Escape" => 27,
        "PageUp" => 33,
        "PageDown" => 34,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        "Delete" => 46,
        key => key.chars().next().map_or(0, |c| c.to_ascii_uppercase() as u32),
    }
}

/// The bytes of a text in base64.
fn from_base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}
