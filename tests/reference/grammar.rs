//! The page of the grammar: the rules of `grammar.lalrpop` without the code that builds the syntax tree.
//!
//! ```text
//!   Two<T>: Vec<T> = <first:T> "," <mut rest:Some<T, ",">> ","? => { rest.insert(0, first); rest };
//!   Two<T> = T "," Some<T, ","> ","?
//! ```

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// A rule stays on one line if it is not wider than this.
const WIDTH: usize = 110;

/// The tokens of which there are many: their names in the grammar, and what the page says about them.
pub const KINDS: [(&str, &str); 16] = [
    ("name", "an identifier: `[A-Za-z_][A-Za-z0-9_]*`, and no keyword"),
    ("integer", "`42`, `1_000`, `0xff`, `0o17`, `0b1010`"),
    ("bits", "`0xffff_ffff_ffff_ffff`: with a prefix and the sign bit set"),
    ("float", "`1.5`, `1e9`, `2.5e-3`"),
    ("char", "`'a'`, `'\\n'`, `'\\u{1F9F5}'`"),
    ("byte", "`b'a'`, `b'\\x80'`"),
    ("bytes", "`b\"ab\\x00\"`"),
    ("string", "a string without interpolations: `\"text\"`, `r\"raw\"`, `r#\"raw\"#`"),
    ("string open", "the opening quote of a string with interpolations"),
    ("string text", "a piece of the text of such a string"),
    ("string close", "its closing quote"),
    ("interpolation open", "`{` in a string or in a format"),
    ("format", "the colon and the text of a format: `:>8`"),
    ("interpolation close", "`}` at the end of an interpolation"),
    ("doc", "lines that begin with `///`"),
    ("separator", "a newline that ends a statement, or `;`"),
];

/// The name of a kind of tokens on the page.
pub fn kind(name: &str) -> String {
    name.replace(' ', "_").to_uppercase()
}

/// The rules of a LALRPOP file, from its first list on. Lines of comments between rules stay.
pub fn rules(source: &str) -> String {
    let begin = source.find("// Lists.").expect("the grammar has lists");
    let (mut page, mut rule) = (String::new(), String::new());
    for line in source[begin..].lines() {
        match line {
            _ if line.starts_with("//") => writeln!(page, "{line}").expect("a string grows"),
            "" if rule.is_empty() => page.push('\n'),
            _ if line.starts_with("#[") => {}
            _ => {
                rule.push_str(line);
                rule.push('\n');
                if line.ends_with(';') && (!line.starts_with(' ') || line.trim() == "};") {
                    page.push_str(&written(&rule));
                    rule.clear();
                }
            }
        }
    }
    assert!(rule.is_empty(), "a rule does not end:\n{rule}");
    page
}

/// A rule as the page shows it; nothing if it stands for a place in the source.
fn written(rule: &str) -> String {
    let (head, body) = rule.split_once(" = ").unwrap_or_else(|| panic!("no rule: {rule}"));
    let name = head.trim_start_matches("pub ").split(": ").next().expect("a split has a first part");
    let body = body.trim().trim_end_matches(';');
    let body = body.strip_prefix('{').and_then(|body| body.strip_suffix('}')).unwrap_or(body);
    let alternatives: Vec<String> = Parser { rest: body.chars().peekable() }.alternatives();
    let is_shown = |text: &&String| *text != "\"error\"";
    let shown: Vec<&str> = alternatives.iter().filter(is_shown).map(String::as_str).collect();
    match shown.as_slice() {
        [""] => String::new(),
        _ => {
            let shown: Vec<&str> =
                shown.iter().map(|text| if text.is_empty() { "nothing" } else { text }).collect();
            let line = format!("{name} = {}", shown.join(" | "));
            match line.len() <= WIDTH {
                true => format!("{line}\n"),
                false => format!("{name} =\n    {}\n", shown.join("\n  | ")),
            }
        }
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    /// The symbols of all alternatives, without their code.
    fn alternatives(mut self) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            found.push(self.symbols());
            if self.rest.peek() == Some(&'=') {
                self.skip_code();
            }
            self.skip_space();
            match self.rest.next() {
                Some(',') => self.skip_space(),
                None => return found,
                Some(other) => panic!("`{other}` after an alternative"),
            }
            if self.rest.peek().is_none() {
                return found;
            }
        }
    }

    fn skip_space(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }

    /// Skips `=> code`, up to the comma outside all brackets that ends it.
    fn skip_code(&mut self) {
        let (mut depth, mut in_string) = (0, false);
        while let Some(&c) = self.rest.peek() {
            match c {
                '"' => in_string = !in_string,
                '(' | '[' | '{' if !in_string => depth += 1,
                ')' | ']' | '}' if !in_string => depth -= 1,
                ',' if depth == 0 && !in_string => return,
                _ => {}
            }
            self.rest.next();
        }
    }

    /// Symbols up to a closing bracket, a comma, `=>` or the end.
    fn symbols(&mut self) -> String {
        let mut found: Vec<String> = Vec::new();
        loop {
            self.skip_space();
            let Some(&c) = self.rest.peek() else { break };
            match c {
                '"' => found.push(self.terminal()),
                '<' => found.extend(Some(self.binding()).filter(|text| !text.is_empty())),
                '(' => {
                    self.rest.next();
                    let inner = self.symbols();
                    self.rest.next();
                    found.push(if inner.contains(' ') { format!("({inner})") } else { inner });
                }
                '?' | '*' | '+' => {
                    let last = found.last_mut().expect("a repetition follows a symbol");
                    last.push(self.rest.next().expect("it was peeked"));
                }
                '@' => drop((self.rest.next(), self.rest.next())),
                _ if c.is_alphanumeric() => found.push(self.nonterminal()),
                _ => break,
            }
        }
        found.join(" ")
    }

    /// A keyword or a symbol in quotes, or the name of a kind of tokens in capitals.
    fn terminal(&mut self) -> String {
        self.rest.next();
        let text: String = self.rest.by_ref().take_while(|&c| c != '"').collect();
        match text.as_str() {
            "return alone" | "break alone" | "yield alone" | "else of let" => {
                format!("\"{}\"", text.split(' ').next().expect("a split has a first part"))
            }
            name if KINDS.iter().any(|&(kind, _)| kind == name) => kind(name),
            _ => format!("\"{text}\""),
        }
    }

    /// `<name:X>` or `<X>`: X; nothing for a place in the source
    fn binding(&mut self) -> String {
        self.rest.next();
        let mut ahead = self.rest.clone();
        let word: String =
            std::iter::from_fn(|| ahead.next_if(|&c| c.is_alphanumeric() || " _".contains(c))).collect();
        if ahead.peek() == Some(&':') && word.chars().all(|c| c.is_lowercase() || " _".contains(c)) {
            ahead.next();
            self.rest = ahead;
        }
        let inner = self.symbols();
        self.rest.next();
        inner
    }

    /// `Name` or `Name<X, Y>`
    fn nonterminal(&mut self) -> String {
        let mut name: String = std::iter::from_fn(|| self.rest.next_if(|c| c.is_alphanumeric())).collect();
        if self.rest.next_if_eq(&'<').is_some() {
            let mut arguments = Vec::new();
            loop {
                arguments.push(self.symbols());
                if self.rest.next() != Some(',') {
                    break;
                }
            }
            name = format!("{name}<{}>", arguments.join(", "));
        }
        name
    }
}
