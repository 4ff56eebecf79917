//! What becomes of WebSocket handshakes.

use std::{future::ready, pin::Pin, rc::Rc, sync::Arc};

use actix_codec::Framed;
use actix_http::{
    Error, HttpMessage, HttpService, Request, RequestHead, Response, StatusCode,
    body::{BodySize, BoxBody},
    h1::{Codec, ExpectHandler, H1ServiceHandler, Message, UpgradeHandler},
};
use actix_service::{
    Service, ServiceFactory,
    boxed::{BoxService, BoxServiceFactory},
    fn_factory, fn_service,
};
use tokio::net::TcpStream;

use super::{reject::reject, replayed_request::ReplayedRequest, settings::HttpSettings};
use crate::transport::{GrantedUpgrade, PendingUpgrade};

/// The application, as far as handshakes are concerned: granted and refused ones are both answers.
type App = Rc<BoxService<Request, Response<BoxBody>, Response<BoxBody>>>;

/// Connections that are left to the framework.
type Framework = H1ServiceHandler<ReplayedRequest, App, BoxBody, ExpectHandler, UpgradeHandler>;

struct Hook {
    app: App,
    framework: Framework,
    takes_over: Arc<dyn Fn(&RequestHead) -> bool + Send + Sync>,
}

/// Decides on the connections of handshakes, with `app` of its own.
pub(super) fn upgrade<E: 'static>(
    app: BoxServiceFactory<(), Request, Response<BoxBody>, Response<BoxBody>, E>,
    settings: HttpSettings,
    takes_over: Arc<dyn Fn(&RequestHead) -> bool + Send + Sync>,
) -> impl ServiceFactory<
    (Request, Framed<TcpStream, Codec>),
    Config = (),
    Response = (),
    Error = Error,
    InitError = (),
    Future: 'static,
> {
    fn_factory(move || {
        let (app, settings, takes_over) = (app.new_service(()), settings.clone(), Arc::clone(&takes_over));
        async move {
            let app = Rc::new(app.await.map_err(drop)?);
            let of_framework = Rc::clone(&app);
            let same = fn_factory(move || ready(Ok::<_, ()>(Rc::clone(&of_framework))));
            let framework = settings.apply(HttpService::build()).h1(same).new_service(()).await?;
            let hook = Rc::new(Hook { app, framework, takes_over });
            Ok(fn_service(move |(request, connection)| {
                let hook = Rc::clone(&hook);
                async move { hook.decide(request, connection).await }
            }))
        }
    })
}

impl Hook {
    async fn decide(&self, request: Request, connection: Framed<TcpStream, Codec>) -> Result<(), Error> {
        if !(self.takes_over)(request.head()) {
            let replayed = ReplayedRequest::new(&request, connection);
            let peer = request.peer_addr();
            // How it ended is the framework's business.
            let _ended = self.framework.call((replayed, peer)).await;
            return Ok(());
        }
        let pending = PendingUpgrade::default();
        request.extensions_mut().insert(pending.clone());
        let answer = self.app.call(request).await.unwrap_or_else(|refusal| refusal);
        match pending.take_granted() {
            Some(granted) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                hand_over(granted, connection, answer)
            }
            _ => reject(connection, answer).await,
        }
        Ok(())
    }
}

/// Gives the connection to the session. What came behind the handshake goes with it.
fn hand_over(granted: GrantedUpgrade, mut connection: Framed<TcpStream, Codec>, answer: Response<BoxBody>) {
    let head = Message::Item((answer.drop_body(), BodySize::None));
    // Into memory, so it cannot fail; if it ever does, the peer finds the connection closed and comes back.
    if Pin::new(&mut connection).write(head).is_ok() {
        let parts = connection.into_parts();
        granted.begin(parts.io, parts.write_buf.freeze(), &parts.read_buf);
    }
}
