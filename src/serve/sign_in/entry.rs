//! Tells who makes a request, and whether they are let in.

use std::collections::BTreeSet;

use axum::extract::Request;
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Method};

use crate::error::{Error, Place, Result};
use crate::serve::keys::Keys;
use crate::serve::person::Person;
use crate::serve::sign_in::openid::OpenId;
use crate::serve::sign_in::users::Users;
use crate::serve::spec::{EntrySpec, SignInSpec};

/// Characters of the name of a user at most.
const LONGEST_NAME: usize = 256;

/// Who is let in.
pub enum Entry {
    /// Whoever has the token of the printed address, or the cookie that it was exchanged for.
    Token(Keys),
    /// Users.
    Users(Users, SignIn),
}

/// Who says who a user is.
pub enum SignIn {
    /// The proxy, in this header.
    Header(HeaderName),
    /// A provider of OpenID Connect.
    OpenId(Box<OpenId>),
}

/// What becomes of a request.
pub enum Verdict {
    /// It is of nobody's rows.
    Anybody,
    /// It is of somebody who is let in.
    LetIn(Person),
    /// It has not the token.
    Unknown,
    /// It is of nobody known, who is to sign in at this address, where that can be followed.
    SignInFirst(Option<String>),
    /// It is of somebody who is no user.
    NotAUser,
    /// It cannot be told who is a user.
    UsersUnknown,
}

impl Entry {
    /// Lets in whom `spec` says, by connections that the viewer encrypts itself or does not; a provider of OpenID Connect is asked for what it can do.
    ///
    /// # Errors
    /// [`Error::usage`] for what is no name of a header; a provider that cannot be reached or trusted.
    pub async fn of(spec: EntrySpec, is_encrypted: bool) -> Result<Self> {
        let EntrySpec::SignIn { url, users, by } = spec else { return Ok(Self::Token(Keys::new(is_encrypted))) };
        let by = match *by {
            SignInSpec::Header(name) => {
                let unfit =
                    |_| Error::usage(Place::option_value("user_header", &name), "is not the name of a header", "write letters and hyphens");
                SignIn::Header(HeaderName::from_bytes(name.as_bytes()).map_err(unfit)?)
            }
            SignInSpec::OpenId(provider) => SignIn::OpenId(Box::new(OpenId::discover(provider, &url).await?)),
        };
        Ok(Self::Users(users, by))
    }

    /// The columns by which rows of users are told apart.
    pub fn keys(&self) -> BTreeSet<&'static str> {
        match self {
            Self::Token(_) => BTreeSet::new(),
            Self::Users(users, _) => users.keys(),
        }
    }

    /// Has changes of who may see which rows hold from now on.
    ///
    /// # Errors
    /// As [`Users::renew`].
    pub fn renew(&self) -> Result<()> {
        match self {
            Self::Token(_) => Ok(()),
            Self::Users(users, _) => users.renew(),
        }
    }

    /// Whether `request` carries the token.
    pub fn is_by_token(&self, request: &Request) -> bool {
        matches!(self, Self::Token(keys) if keys.has_token(request.uri().query().unwrap_or_default()))
    }

    /// What gives a browser that had the token its cookie.
    pub fn cookie_to_set(&self) -> Option<String> {
        match self {
            Self::Token(keys) => Some(keys.cookie_to_set()),
            Self::Users(..) => None,
        }
    }

    /// Tells who makes `request`.
    pub fn judge(&self, request: &Request, by_token: bool) -> Verdict {
        let (headers, path) = (request.headers(), request.uri().path());
        let (users, by) = match self {
            Self::Token(keys) if by_token || keys.has_cookie(headers) => return Verdict::LetIn(Person::with_token()),
            Self::Token(_) => return Verdict::Unknown,
            Self::Users(users, by) => (users, by),
        };
        if path.starts_with("/assets/") {
            return Verdict::Anybody;
        }
        let (user, can_sign_out) = match by {
            SignIn::Header(name) => (user_of(headers, name), false),
            SignIn::OpenId(_) if path.starts_with("/sign-in") || path == "/sign-out" => return Verdict::Anybody,
            SignIn::OpenId(provider) => (provider.sessions.user(headers), true),
        };
        let Some(user) = user else {
            let is_page = request.method() == Method::GET && !path.starts_with("/api/") && can_sign_out;
            return Verdict::SignInFirst(is_page.then(|| sign_in_address(request)));
        };
        if !users.are_known() {
            return Verdict::UsersUnknown;
        }
        match users.scope(&user) {
            Some(scope) => Verdict::LetIn(Person { name: Some(user.into()), scope, can_sign_out }),
            None => Verdict::NotAUser,
        }
    }
}

/// The user whom a proxy names in the header `name`: once, and without spaces of any kind around it, or nobody is told.
fn user_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let user = std::str::from_utf8(value.as_bytes()).ok()?;
    (!user.is_empty() && user.trim() == user && user.chars().count() <= LONGEST_NAME && !user.contains(char::is_control))
        .then(|| user.to_owned())
}

/// Where to sign in, to come back to what `request` asks for.
fn sign_in_address(request: &Request) -> String {
    let back = request.uri().path_and_query().map_or("/", |back| back.as_str());
    let back = form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
    format!("/sign-in?{back}")
}
