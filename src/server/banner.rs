//! What the operator reads when the desk is ready.

use std::net::SocketAddr;

use serde_json::json;

use crate::demo::Demo;

/// Where the parts of this process are reached.
#[derive(Debug)]
pub(crate) struct Ready {
    /// What runs here: `up`, `gateway` or `worker`.
    pub(crate) what: &'static str,
    /// The public listener; none for a worker.
    pub(crate) listen: Option<SocketAddr>,
    /// Address of the operators' listener.
    pub(crate) admin: SocketAddr,
    /// The address that people use.
    pub(crate) public_url: String,
    /// The demo tenant, if there is one.
    pub(crate) demo: Option<Demo>,
}

impl Ready {
    /// Prints one screen, or one line of JSON for programs.
    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", self.json());
        } else {
            println!("{}", self.screen());
        }
    }

    fn json(&self) -> serde_json::Value {
        let mut line = json!({ "ready": true, "admin": self.admin.to_string() });
        if let Some(listen) = self.listen {
            line["listen"] = listen.to_string().into();
            line["console"] = format!("{}/console/", self.public_url).into();
        }
        if let Some(demo) = &self.demo {
            line["demo"] = format!("{}/demo/", self.public_url).into();
            demo.add_to(&mut line);
        }
        line
    }

    fn screen(&self) -> String {
        let mut lines = vec![String::new(), format!("  Frontdesk is ready ({}).", self.what), String::new()];
        if self.listen.is_some() {
            if self.demo.is_some() {
                lines.push(format!("  Demo shop   {}/demo/", self.public_url));
            }
            lines.push(format!("  Console     {}/console/", self.public_url));
            lines.push(format!("  REST        {}/api/v1/docs", self.public_url));
        }
        if let Some(demo) = &self.demo {
            lines.push(String::new());
            for agent in &demo.agents {
                lines.push(format!("  Log in as   {:<20} {}", agent.email, agent.password));
            }
        }
        lines.push(String::new());
        lines.push(format!("  Metrics     http://{}/metrics", self.admin));
        lines.push("  Stop        Ctrl-C; nothing accepted is lost".to_owned());
        lines.push(String::new());
        lines.join("\n")
    }
}
