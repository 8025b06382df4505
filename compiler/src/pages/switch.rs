//! The page of a program's switches. Its static layer is a table of all points, and for each point what is saved and
//! the instructions. Its scripts, in the folder `switch`, step through the instructions of a point.

use std::fmt::Write;

use super::html::{Page, escaped, with_code};
use crate::switches::model::{Code, Instruction, Place, Point, Side, Slot, Switches};

/// The greatest number of points for which the static layer has the code in all ways. Reports on larger programs are
/// for scripts: their static layer has the chosen way, so that a browser opens 200 points at once.
const POINTS_IN_ALL_WAYS: usize = 40;

/// The page for a report.
pub fn switch_page(data: &Switches) -> String {
    let title = format!("Switches of {}", data.program);
    let overview = if data.points.is_empty() { String::new() } else { overview(data) };
    let body = format!("{}{overview}{}", header(data), details(data));
    let json = serde_json::to_string(data).expect("the report has no maps");
    let scripts = [
        include_str!("switch/machine.js"),
        include_str!("switch/view.js"),
        include_str!("switch/marks.js"),
        include_str!("switch/switch.js"),
    ];
    let styles = [
        include_str!("switch/stacks.css"),
        include_str!("switch/listings.css"),
        include_str!("switch/switch.css"),
    ];
    Page { title, styles: &styles, body, json, scripts: &scripts }.to_html()
}

fn header(data: &Switches) -> String {
    let limit = data.line.map(|line| format!(", line {line}")).unwrap_or_default();
    format!(
        "<header class=\"page\">\n<h1>Switches of <code>{}</code>{limit}</h1>\n<p>What a green thread keeps when it \
         is suspended, and the instructions that save it. Compiled with <code>-O{} --switch={}</code>, generators in \
         the form <code>{}</code>.</p>\n</header>\n",
        escaped(&data.program),
        data.level,
        escaped(&data.chosen),
        escaped(&data.generators)
    )
}

/// The table of all points: the bytes in each way.
fn overview(data: &Switches) -> String {
    let mut html = String::from(
        "<section class=\"overview\" id=\"overview\">\n<h2>All yield points</h2>\n<p class=\"note\">The bytes that \
         a suspended thread keeps, in each way to switch and in other systems.</p>\n<div class=\"scroll\" \
         tabindex=\"0\" role=\"region\" aria-label=\"all yield points\"><table>\n<thead><tr><th>Point<th>Kind<th>Line\
         <th>Function",
    );
    let names = data.ways.iter().map(|way| &way.name).chain(data.peers.iter().map(|peer| &peer.name));
    for name in names {
        let _ = write!(html, "<th class=\"number\">{}", escaped(name));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for point in &data.points {
        html.push_str(&overview_row(data, point));
    }
    html.push_str("</tbody>\n<tfoot>\n");
    type Total = fn(&crate::switches::model::Way) -> u32;
    let totals: [(&str, Total); 3] =
        [("least", |way| way.least), ("median", |way| way.median), ("most", |way| way.most)];
    for (name, total) in totals {
        let _ = write!(html, "<tr><th scope=\"row\" colspan=\"4\">{name}");
        for way in &data.ways {
            let _ = write!(html, "<td class=\"number\">{}", total(way));
        }
        for peer in &data.peers {
            let _ = write!(html, "<td class=\"number\">{}", peer.bytes);
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tfoot></table></div>\n</section>\n");
    html
}

fn overview_row(data: &Switches, point: &Point) -> String {
    let Place { line, function, .. } = &point.place;
    let mut html = format!(
        "<tr><td><a href=\"#point-{id}\">{id}</a><td>{}<td>{line}<td><code>{}</code>",
        escaped(&point.kind),
        escaped(function),
        id = point.id
    );
    for way in &data.ways {
        let _ = write!(html, "<td class=\"number\">{}", range(point, &way.name));
    }
    for peer in &data.peers {
        let _ = write!(html, "<td class=\"number\">{}", peer.bytes);
    }
    html.push_str("</tr>\n");
    html
}

/// The bytes of a point in a way. Copies of the point can differ.
fn range(point: &Point, way: &str) -> String {
    let bytes = || point.code.iter().filter(|code| code.way == way).map(|code| code.bytes.total);
    match (bytes().min(), bytes().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(least), _) => least.to_string(),
        (None, _) => "none".to_owned(),
    }
}

/// Each point with its codes, for readers without scripts. The scripts remove this.
fn details(data: &Switches) -> String {
    let mut html = String::from("<main id=\"static\">\n");
    if data.points.is_empty() {
        html.push_str("<p>There is no yield point here.</p>\n");
    }
    for point in &data.points {
        let Place { file, line, function, .. } = &point.place;
        let _ = write!(
            html,
            "<section class=\"panel point\" id=\"point-{id}\">\n<h2>{id}. {}, line {line}, in <code>{}</code></h2>\n\
             <p class=\"note\">{}: {}.</p>\n",
            escaped(&point.kind),
            escaped(function),
            escaped(file),
            with_code(&point.about),
            id = point.id
        );
        let source = data.files.iter().find(|source| source.name == *file);
        if let Some(text) = source.and_then(|source| source.lines.get((*line as usize).checked_sub(1)?)) {
            let _ = writeln!(html, "<pre class=\"listing\"><code>{line}  {}</code></pre>", escaped(text));
        }
        let is_shown = |code: &&Code| data.points.len() <= POINTS_IN_ALL_WAYS || code.way == data.chosen;
        for code in point.code.iter().filter(is_shown) {
            html.push_str(&code_details(code, code.way == data.chosen));
        }
        html.push_str("</section>\n");
    }
    html.push_str("</main>\n");
    html
}

fn code_details(code: &Code, is_open: bool) -> String {
    let open = if is_open { " open" } else { "" };
    let mut html = format!(
        "<details{open}><summary>{}: {} bytes, {} live and {} pushed, in <code>{}</code></summary>\n<div \
         class=\"code\"><div class=\"scroll\"><table>\n<caption>The suspended thread's stack</caption>\n<thead><tr>\
         <th>Content<th class=\"number\">Bytes<th>Operand<th>Kind</tr></thead>\n<tbody>\n",
        escaped(&code.way),
        code.bytes.total,
        code.bytes.live,
        code.bytes.pushed,
        escaped(&code.symbol)
    );
    code.stack.iter().for_each(|slot| html.push_str(&slot_row(slot)));
    html.push_str(
        "</tbody></table></div>\n<div class=\"scroll\"><table>\n<caption>The instructions</caption>\n<thead><tr>\
         <th class=\"number\">At<th>Instruction<th>What it does</tr></thead>\n",
    );
    let mut before: Option<Side> = None;
    for instruction in &code.instructions {
        if before != Some(instruction.stack) {
            let words = side_words(code, instruction.stack);
            let _ = writeln!(html, "<tbody><tr><th colspan=\"3\" scope=\"rowgroup\">{words}</tr>");
        }
        before = Some(instruction.stack);
        html.push_str(&instruction_row(instruction));
    }
    html.push_str("</table></div></div>\n");
    if !code.ir.is_empty() {
        html.push_str("<p class=\"note\">Optimised IR around the switch:</p>\n<pre class=\"listing\">");
        for line in &code.ir {
            let mark = if line.switch { "&gt; " } else { "  " };
            let _ = writeln!(html, "<code>{mark}{}</code>", escaped(line.text.trim()));
        }
        html.push_str("</pre>\n");
    }
    html.push_str("</details>\n");
    html
}

fn slot_row(slot: &Slot) -> String {
    let name = if slot.name.is_empty() { "nothing" } else { &slot.name };
    format!(
        "<tr><td>{}<td class=\"number\">{}<td><code>{}</code><td>{}{}</tr>\n",
        if slot.named { format!("<code>{}</code>", escaped(name)) } else { escaped(name) },
        if slot.saved { slot.size.to_string() } else { "not counted".to_owned() },
        escaped(slot.operand.as_deref().unwrap_or_default()),
        escaped(&slot.kind.replace('-', " ")),
        if slot.pushed { ", pushed" } else { "" }
    )
}

fn instruction_row(instruction: &Instruction) -> String {
    format!(
        "<tr><td class=\"number\">{}{:x}<td><code>{}</code><td>{}</tr>\n",
        if instruction.gap { "⋯ " } else { "" },
        instruction.address,
        escaped(&instruction.text),
        with_code(&instruction.about)
    )
}

/// The words for the stack on which instructions run.
fn side_words(code: &Code, side: Side) -> &'static str {
    match side {
        Side::Left => "on the stack that is left",
        Side::Entered => "on the stack that is entered",
        Side::Resumed if code.form == "call" => "after the call",
        Side::Resumed => "later, when the first stack is entered again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switches::model::{Bytes, IrLine, Role, SourceFile, Way};

    /// A report on a program whose every text is `text`.
    fn report(text: &str) -> Switches {
        let text = || text.to_owned();
        let place = Place { file: text(), line: 1, column: 1, function: text() };
        let instruction = Instruction {
            address: 26,
            symbol: None,
            text: text(),
            role: Role::Work,
            about: text(),
            stack: Side::Left,
            gap: true,
            place: None,
            line: Some(1),
            effects: Vec::new(),
        };
        let slot = Slot {
            id: 0,
            offset: 0,
            size: 8,
            kind: "value".to_owned(),
            name: text(),
            named: true,
            saved: true,
            pushed: false,
            operand: Some(text()),
            place: None,
        };
        let code = Code {
            way: text(),
            symbol: text(),
            form: "inline".to_owned(),
            bytes: Bytes { pushed: 16, live: 8, total: 24 },
            frame: 8,
            stack: vec![slot],
            instructions: vec![instruction],
            ir: vec![IrLine { text: text(), switch: true, line: Some(1) }],
        };
        let point = Point {
            id: 1,
            kind: text(),
            about: text(),
            place,
            inside: Vec::new(),
            library: false,
            code: vec![code],
        };
        let way = Way { name: text(), about: text(), points: 1, least: 24, median: 24, most: 24 };
        Switches {
            version: 1,
            program: text(),
            line: Some(1),
            level: 2,
            generators: text(),
            peers: Vec::new(),
            chosen: text(),
            ways: vec![way],
            points: vec![point],
            files: vec![SourceFile { name: text(), lines: vec![text()] }],
        }
    }

    #[test]
    fn no_text_of_a_program_becomes_markup() {
        let page = switch_page(&report("</script><i>&'\"<!--"));
        let plain = switch_page(&report("x"));
        for markup in ["<i>", "</script>", "<!--", "\u{27}\""] {
            assert_eq!(page.matches(markup).count(), plain.matches(markup).count(), "{markup}: {page}");
        }
    }

    #[test]
    fn a_page_without_scripts_has_the_bytes_and_the_instructions() {
        let page = switch_page(&report("x"));
        let (body, _) = page.split_once("<script type").expect("there are scripts");
        for text in ["24 bytes, 8 live and 16 pushed", "⋯ 1a", "Switches of <code>x</code>, line 1"] {
            assert!(body.contains(text), "{text} is missing: {body}");
        }
    }
}
