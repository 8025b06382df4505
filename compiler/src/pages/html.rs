//! HTML from text: escapes, and the skeleton of a page.

use std::fmt::Write;

/// The style sheet that all pages share.
const THEME: &str = include_str!("theme.css");

/// The helpers that the scripts of all pages share.
const SCRIPT: &str = include_str!("page.js");

/// Nothing but what is in the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// Text with the characters escaped that have a meaning in HTML, for content and for quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// Text in which `` `code` `` is set as code.
pub fn with_code(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escaped(part);
        let _ = if index % 2 == 1 { write!(html, "<code>{part}</code>") } else { write!(html, "{part}") };
    }
    html
}

/// The parts of a page.
pub struct Page<'text> {
    /// The title of the window.
    pub title: String,
    /// The page's own style sheets.
    pub styles: &'text [&'text str],
    /// The HTML between the tags of `body`, which stays without scripts.
    pub body: String,
    /// The data for the scripts: JSON.
    pub json: String,
    /// The page's own scripts. They are one module, so what they declare is not global.
    pub scripts: &'text [&'text str],
}

impl Page<'_> {
    /// The file.
    pub fn to_html(&self) -> String {
        let title = escaped(&self.title);
        let (style, body, scripts) = (self.styles.concat(), &self.body, self.scripts.concat());
        // In JSON, `<` is only in strings. So a `</script>` of the program does not end the data.
        let json = self.json.replace('<', "\\u003c");
        format!(
            "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">
<title>{title}</title>
<style>
{THEME}
{style}
</style>
</head>
<body>
<script>document.documentElement.classList.add(\"scripts\");</script>
{body}
<script type=\"application/json\" id=\"data\">{json}</script>
<script type=\"module\">
{SCRIPT}
{scripts}
</script>
</body>
</html>
"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, escaped, with_code};

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<b a='1' c=\"&\">"), "&lt;b a=&#39;1&#39; c=&quot;&amp;&quot;&gt;");
        assert_eq!(with_code("saves `a<b`, `c`"), "saves <code>a&lt;b</code>, <code>c</code>");
    }

    #[test]
    fn data_cannot_end_its_element() {
        let json = serde_json::json!({"line": "print(\"</script><!--\")"}).to_string();
        let page = Page { title: "</title>".into(), styles: &[], body: String::new(), json, scripts: &[] };
        let html = page.to_html();
        assert_eq!(html.matches("</script>").count(), 3, "{html}");
        assert_eq!((html.matches("<!--").count(), html.matches("</title>").count()), (0, 1), "{html}");
    }
}
