//! A shop on an origin of its own: pages with script tags, as the sites of customers have them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::node::Node;

/// Serves pages until it is dropped.
#[derive(Debug)]
pub struct Shop {
    port: u16,
    pages: Pages,
    serving: JoinHandle<()>,
}

type Pages = Arc<Mutex<HashMap<String, String>>>;

impl Shop {
    /// Starts on a free port, without a page.
    ///
    /// # Panics
    /// When no port can be bound.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let pages = Pages::default();
        let serving = tokio::spawn(serve(listener, Arc::clone(&pages)));
        Self { port, pages, serving }
    }

    /// The origin that browsers name.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Puts `tags` into the head of the page at `path`, and gives the page's address.
    ///
    /// # Panics
    /// When a thread panicked while it changed the pages.
    pub fn page(&self, path: &str, tags: &str) -> String {
        let page =
            format!("<!doctype html><html><head><title>Shop</title>{RECORDER}{tags}</head><body>Shop</body></html>");
        self.pages.lock().expect("no thread panicked").insert(path.to_owned(), page);
        format!("{}{path}", self.origin())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The script tag of the widget of `inbox`, with further attributes.
#[must_use]
pub fn widget_tag(node: &Node, inbox: &str, attributes: &str) -> String {
    format!(r#"<script src="{}/widget.js" data-inbox="{inbox}" {attributes} async></script>"#, node.origin())
}

async fn serve(listener: TcpListener, pages: Pages) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&pages)));
    }
}

async fn answer(mut stream: TcpStream, pages: Pages) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let path = String::from_utf8_lossy(&request).split(' ').nth(1).unwrap_or_default().to_owned();
    let page = pages.lock().expect("no thread panicked").get(&path).cloned();
    let (status, body) = page.map_or(("404 Not Found", String::new()), |page| ("200 OK", page));
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A browser that went away needs no answer.
    let _gone = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

/// Keeps count of sockets, requests for sessions, and lines in the page's console.
const RECORDER: &str = r"<script>
window.seen = { sockets: [], sessions: 0, lines: [] };
window.WebSocket = class extends WebSocket { constructor(...given) { super(...given); seen.sockets.push(this); } };
const { fetch: ask } = window;
window.fetch = (address, ...rest) => { if (String(address).includes('/widget/session')) seen.sessions += 1; return ask(address, ...rest); };
const { warn } = console;
console.warn = (...words) => { seen.lines.push(words.join(' ')); warn(...words); };
</script>";
