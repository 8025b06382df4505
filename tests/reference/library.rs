//! The reference of the library: its types and traits with their methods, and the functions of its modules, each with
//! the first sentence of its comment.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A public type, trait or module.
#[derive(Default)]
struct Entry {
    /// The declaration without its body: `struct Deque[T]`; empty for types that the compiler itself declares.
    declared: String,
    module: String,
    about: String,
    /// The methods, functions, variants and public fields: their signatures, and sentences about them.
    members: Vec<(String, String)>,
    /// The traits that a type implements.
    traits: Vec<String>,
}

/// The part of a source file that the next lines belong to.
enum Place {
    Module,
    /// A type, and the type with the bounds of its parameters, if an `impl` demands some.
    Type(String, Option<String>),
    Trait(String),
    /// A private item, or an `impl` of a trait, whose methods the trait describes.
    Other,
}

/// The reference as Markdown, from the texts of the modules, of which programs can import those in `public`.
pub fn reference(files: &[(&str, &str)], public: &[&str]) -> String {
    let (mut types, mut traits, mut modules) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (file, text) in files {
        let module = file.strip_suffix(".weft").expect("modules are files of Weft");
        read(module, text, &mut types, &mut traits, &mut modules);
    }
    let is_public = |entry: &Entry| entry.declared.is_empty() || public.contains(&entry.module.as_str());
    types.retain(|_, entry: &mut Entry| !entry.members.is_empty() && is_public(entry));
    traits.retain(|_, entry: &mut Entry| is_public(entry));
    for entry in types.values_mut() {
        entry.traits.retain(|of| traits.contains_key(&base(of.trim_matches('`'))));
    }
    let mut page = String::new();
    for (title, entries) in [("Types", &types), ("Traits", &traits)] {
        writeln!(page, "\n## {title}").expect("a string grows");
        for (name, entry) in entries {
            write_entry(&mut page, name, entry, public);
        }
    }
    writeln!(page, "\n## Functions").expect("a string grows");
    for (name, entry) in modules.iter().filter(|(name, _)| public.contains(&name.as_str())) {
        write_entry(&mut page, &format!("std.{name}"), entry, public);
    }
    page
}

fn write_entry(page: &mut String, name: &str, entry: &Entry, public: &[&str]) {
    let mut line = |text: String| page.push_str(&(text + "\n"));
    line(format!("\n### `{name}`\n"));
    if !entry.declared.is_empty() {
        let from = match public.contains(&entry.module.as_str()) {
            true => format!(", in `std.{}`", entry.module),
            false => String::new(),
        };
        line(format!("`{}`{from}: {}\n", entry.declared, entry.about));
    }
    for (signature, about) in &entry.members {
        line(format!("- {signature}: {about}"));
    }
    if !entry.traits.is_empty() {
        line(format!("\nTraits: {}.", entry.traits.join(", ")));
    }
}

fn read(
    module: &str,
    text: &str,
    types: &mut BTreeMap<String, Entry>,
    traits: &mut BTreeMap<String, Entry>,
    modules: &mut BTreeMap<String, Entry>,
) {
    let (mut place, mut doc) = (Place::Module, String::new());
    for line in text.lines() {
        if let Some(comment) = line.trim().strip_prefix("///") {
            doc = format!("{doc}{}\n", comment.trim());
            continue;
        }
        let about = first_sentence(&std::mem::take(&mut doc));
        let is_outer = !line.starts_with([' ', '}', '/']) && !line.is_empty();
        if is_outer {
            place = outer(module, line, &about, types, traits, modules);
        } else if let Some(member) = member(line.trim(), &place) {
            let entry = match &place {
                Place::Type(name, _) => types.entry(name.clone()).or_default(),
                Place::Trait(name) => traits.entry(name.clone()).or_default(),
                Place::Module | Place::Other => continue,
            };
            let member = match &place {
                Place::Type(_, Some(bounded)) => format!("`{member}` of `{bounded}`"),
                _ => format!("`{member}`"),
            };
            if !about.is_empty() && entry.members.iter().all(|(known, _)| *known != member) {
                entry.members.push((member, about));
            }
        }
    }
}

/// Reads a line that begins an item, and returns the place of the lines after it.
fn outer(
    module: &str,
    line: &str,
    about: &str,
    types: &mut BTreeMap<String, Entry>,
    traits: &mut BTreeMap<String, Entry>,
    modules: &mut BTreeMap<String, Entry>,
) -> Place {
    let head = line.split(" {").next().expect("a split has a first part").trim();
    let words: Vec<&str> = head.split(' ').collect();
    let declare = |entries: &mut BTreeMap<String, Entry>, name: &str| {
        let entry = entries.entry(base(name)).or_default();
        entry.declared = head.trim_start_matches("pub ").to_owned();
        (entry.module, entry.about) = (module.to_owned(), about.to_owned());
        base(name)
    };
    match words[..] {
        ["pub", "struct" | "enum", name, ..] => Place::Type(declare(types, name), None),
        ["pub", "trait", name, ..] => Place::Trait(declare(traits, name.trim_end_matches(':'))),
        ["pub", "fn" | "const", ..] | ["pub", "gen", "fn", ..] => {
            let entry = modules.entry(module.to_owned()).or_default();
            entry.members.push((format!("`{}`", signature(head)), about.to_owned()));
            Place::Module
        }
        ["impl", ..] => match head.trim_start_matches("impl ").split_once(" for ") {
            Some((of, target)) => {
                let entry = types.entry(base(target)).or_default();
                let of = format!("`{of}`");
                if !entry.traits.contains(&of) {
                    entry.traits.push(of);
                }
                Place::Other
            }
            None => {
                let ty = head.trim_start_matches("impl ");
                Place::Type(base(ty), ty.contains(": ").then(|| ty.to_owned()))
            }
        },
        _ => Place::Other,
    }
}

/// A member of a type or a trait: a function's signature, a variant or a public field.
fn member(line: &str, place: &Place) -> Option<String> {
    match place {
        Place::Module | Place::Other => None,
        Place::Type(..) | Place::Trait(_)
            if ["fn ", "gen fn ", "const "].iter().any(|word| line.starts_with(word)) =>
        {
            Some(signature(line))
        }
        Place::Type(..) if line.starts_with("pub ") => Some(line.trim_start_matches("pub ").to_owned()),
        Place::Type(..) if line.starts_with(|c: char| c.is_ascii_uppercase()) => {
            Some(line.trim_end_matches(',').to_owned())
        }
        Place::Type(..) | Place::Trait(_) => None,
    }
}

/// The declaration of a function or a constant without its body.
fn signature(line: &str) -> String {
    let line = line.trim_start_matches("pub ");
    let line = if line.starts_with("const ") { line.split(" =").next() } else { line.split(" {").next() };
    line.expect("a split has a first part").to_owned()
}

/// The name of a type without its arguments, as the type is written: `[T]` is an `Array`.
fn base(ty: &str) -> String {
    match ty {
        _ if ty.starts_with('[') => "Array".into(),
        _ if ty.starts_with('(') => "tuples".into(),
        _ => ty.split(['[', '(']).next().expect("a split has a first part").into(),
    }
}

/// The first sentence of a comment, without the comment's examples.
fn first_sentence(doc: &str) -> String {
    let paragraph: Vec<&str> =
        doc.lines().take_while(|line| !line.is_empty() && !line.starts_with("```")).collect();
    let paragraph = paragraph.join(" ");
    match paragraph.find(". ") {
        Some(end) => paragraph[..=end].to_owned(),
        None => paragraph,
    }
}
