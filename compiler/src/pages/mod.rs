//! Pages for people: a report as one HTML file that a browser opens without a network.
//!
//! A page has three layers. The static one is HTML: it says everything, for readers without scripts. The style sheet
//! `theme.css` is common to all pages. The scripts read the data of the report, which lies in the page as JSON, and put
//! a page to step through or to zoom in the place of the static one. Nothing is loaded from elsewhere; the page's
//! security policy forbids it.

#![warn(clippy::wildcard_enum_match_arm)]

/// HTML from text.
mod html;
/// The page of `weft explain switch --html`.
mod switch;
/// The page of `weft trace --html`.
mod trace;

pub use switch::switch_page;
pub use trace::trace_page;
