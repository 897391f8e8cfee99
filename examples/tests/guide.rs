//! The guide tells the truth: each link and picture is there, and each setting, route, command and label that it names
//! is one of the program's.

#![allow(clippy::unwrap_used)] // a test may fail

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use webchat_core::campaign::{CampaignDraft, Mode, Order};
use webchat_http::access;

/// Pages that lead through the console: what they set in italics is a word of it.
const CONSOLE_PAGES: [&str; 8] = [
    "start",
    "agent",
    "supervisor",
    "reports",
    "campaign",
    "hours",
    "texts",
    "erase",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages of `docs` and of the root, by their path from the root.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                let text = fs::read_to_string(root().join(folder).join(&name)).unwrap();
                pages.insert(format!("{folder}{name}"), text);
            }
        }
    }
    pages
}

/// A page without its blocks of code, and the blocks.
fn parted(page: &str) -> (String, Vec<String>) {
    let (mut prose, mut blocks, mut inside) = (String::new(), Vec::new(), false);
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            if inside {
                blocks.push(String::new());
            }
        } else if let Some(block) = blocks.last_mut().filter(|_| inside) {
            *block += line;
            block.push('\n');
        } else {
            prose += line;
            prose.push('\n');
        }
    }
    (prose, blocks)
}

/// Everything a page sets as code.
fn code(page: &str) -> Vec<String> {
    let (prose, mut code) = parted(page);
    code.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    code
}

/// What stands between `open` and the next `close`.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

/// The runs of `letters` in `text` that begin with `start`.
fn words<'a>(
    text: &'a str,
    start: &'a str,
    letters: fn(char) -> bool,
) -> impl Iterator<Item = &'a str> {
    text.match_indices(start).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let end = text[at + start.len()..].find(|letter| !letters(letter));
        let end = end.map_or(text.len(), |end| at + start.len() + end);
        let begins = !before.is_some_and(|letter| letters(letter) || letter == '-');
        begins.then_some(&text[at..end])
    })
}

/// The names under which a page's headings are linked to.
fn anchors(page: &str) -> BTreeSet<String> {
    let (prose, _) = parted(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let name = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().map(|letter| match letter {
            ' ' => '-',
            other => other,
        });
        kept.filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter))
            .collect()
    };
    headings.map(name).collect()
}

/// What the program says of itself.
fn help(program: &str) -> String {
    let output = Command::new(program).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a flag is one of a program's: written out, or the name of a field that becomes one.
fn is_flag(sources: &str, flag: &str) -> bool {
    let field = flag.trim_start_matches('-').replace('-', "_");
    sources.contains(flag) || sources.contains(&format!("    {field}: "))
}

/// All sources, and what the programs say of themselves.
fn sources() -> String {
    let mut all = help(env!("CARGO_BIN_EXE_server")) + &help(env!("CARGO_BIN_EXE_load"));
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let source = [".rs", ".sh", ".js", ".mjs"];
            if path.is_dir() {
                if !name.starts_with('.') && !matches!(&*name, "target" | "node_modules") {
                    folders.push(path);
                }
            } else if source.iter().any(|end| name.ends_with(end)) && name != "guide.rs" {
                all += &fs::read_to_string(path).unwrap();
            }
        }
    }
    all
}

#[test]
fn each_link_and_picture_leads_somewhere() {
    let pages = pages();
    for (name, page) in &pages {
        let folder = Path::new(name).parent().unwrap();
        let (prose, _) = parted(page);
        for link in between(&prose, "](", ')') {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => name.clone(),
                path => match path.strip_prefix("../") {
                    Some(up) => up.to_owned(),
                    None => folder.join(path).to_string_lossy().into_owned(),
                },
            };
            assert!(root().join(&target).exists(), "{name}: {link}");
            if !anchor.is_empty() {
                let known = anchors(&pages[&target]);
                assert!(known.contains(anchor), "{name}: {link}, of {known:?}");
            }
        }
    }
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let pages = pages();
    let contents = &pages["docs/SUMMARY.md"];
    for name in pages.keys().filter_map(|name| name.strip_prefix("docs/")) {
        let listed = contents.contains(&format!("]({name})"));
        assert!(listed || name == "SUMMARY.md", "{name}");
    }
}

#[test]
fn each_flag_variable_command_and_figure_a_page_names_exists() {
    let sources = sources();
    let help = help(env!("CARGO_BIN_EXE_server"));
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let commands: BTreeSet<&str> = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains("backup"), "{commands:?}");
    let mut seen = 0;
    for (name, page) in pages() {
        for code in code(&page) {
            let variables = words(&code, "WEBCHAT_", |c| c.is_ascii_uppercase() || c == '_');
            let figures = words(&code, "webchat_", |c| c.is_ascii_lowercase() || c == '_');
            for word in variables.chain(figures) {
                assert!(sources.contains(word), "{name}: {word}");
                seen += 1;
            }
            for line in code.lines() {
                let program = line.split("# ").next().unwrap();
                let ours = ["server ", "webchat-server ", "cargo run ", "load "];
                let Some(start) = ours.iter().find(|start| program.starts_with(**start)) else {
                    // A flag that stands alone.
                    if let Some(flag) = line.split(' ').next().filter(|word| word.starts_with("--"))
                        && !flag.starts_with("--webchat-")
                    {
                        assert!(is_flag(&sources, flag), "{name}: {flag}");
                        seen += 1;
                    }
                    continue;
                };
                let first = program[start.len()..].split_whitespace().next();
                let is_command = first.is_some_and(|word| !word.starts_with('-'));
                if start.contains("server") && is_command {
                    assert!(commands.contains(first.unwrap()), "{name}: {line}");
                }
                for flag in program
                    .split_whitespace()
                    .filter(|w| w.len() > 2 && w.starts_with("--"))
                {
                    let cargos = ["--release", "--bin", "--example"].contains(&flag);
                    assert!(cargos || is_flag(&sources, flag), "{name}: {flag}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn each_route_a_page_names_exists() {
    let routes = access::TABLE.iter().map(|(route, _)| *route);
    let routes = routes.chain(access::PUBLIC.iter().copied());
    let routes: Vec<(&str, &str)> = routes
        .chain(access::OPERATORS.iter().copied())
        .filter_map(|route| route.split_once(' '))
        .collect();
    let mut seen = 0;
    for (name, page) in pages() {
        let page = page.replace("{id}/history/{number}", "{id}/history/{id}");
        for path in words(&page, "/api/v1/", |c| {
            c.is_alphanumeric() || "/-_{}.".contains(c)
        }) {
            let path = path.trim_end_matches(['.', '/']);
            let fits = |pattern: &str| {
                let parts = || pattern.split('/').zip(path.split('/'));
                let like = |(wanted, part): (&str, &str)| wanted == part || wanted.starts_with('{');
                pattern.split('/').count() == path.split('/').count() && parts().all(like)
            };
            // The folder of all of them is named too.
            let folder = path == "/api/v1";
            assert!(
                folder || routes.iter().any(|(_, pattern)| fits(pattern)),
                "{name}: {path}"
            );
            seen += 1;
        }
        for code in code(&page) {
            if let Some((method @ ("GET" | "POST" | "PUT" | "DELETE"), rest)) = code.split_once(' ')
                && let Some(path) = rest.split([' ', '?', '…', '\n']).next()
                && path.starts_with('/')
                && !code.contains('…')
            {
                let known = routes.iter().any(|(known, pattern)| {
                    *known == method && pattern.split('/').count() == path.split('/').count()
                });
                assert!(known, "{name}: {code}");
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn every_setting_of_a_campaign_is_explained_with_its_label_and_default() {
    let page = fs::read_to_string(root().join("docs/campaign.md")).unwrap();
    let english = root().join("webchat-http/assets/console/words/campaign-en.js");
    let english = fs::read_to_string(english).unwrap();
    let Value::Object(defaults) = serde_json::to_value(CampaignDraft::default()).unwrap() else {
        panic!("a draft is an object");
    };
    let mut explained = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [label, name, values, _] = cells[..] else {
            continue;
        };
        if name == "name" {
            continue;
        }
        let name = name.trim_matches('`');
        let labelled = format!("  {name}: {{ label: '{label}'");
        assert!(english.contains(&labelled), "{labelled}");
        match &defaults[name] {
            Value::Bool(on) => {
                let default = if *on { "on" } else { "off" };
                assert!(values.starts_with(default), "{row}");
            }
            Value::Number(number) if number.as_i64() == Some(0) => {}
            Value::Number(number) => assert!(values.starts_with(&number.to_string()), "{row}"),
            Value::String(word) if !word.is_empty() => {
                assert!(values.starts_with(&format!("`{word}`")), "{row}");
            }
            _ => {}
        }
        assert!(explained.insert(name.to_owned()), "{name} twice");
    }
    let all: BTreeSet<String> = defaults.into_iter().map(|(name, _)| name).collect();
    assert_eq!(explained, all);
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let choices = rows.filter_map(|row| row.split('`').next());
    let choices = choices.filter(|word| !["mode", "order"].contains(word));
    let (modes, orders): (Vec<_>, Vec<_>) = choices
        .map(|word| Value::String(word.to_owned()))
        .partition(|word| serde_json::from_value::<Mode>(word.clone()).is_ok());
    assert_eq!((modes.len(), orders.len()), (7, 7));
    for word in orders {
        assert!(
            serde_json::from_value::<Order>(word.clone()).is_ok(),
            "{word}"
        );
    }
}

/// What the console says in a language, in small letters.
fn console_words(language: &str) -> String {
    let folder = root().join("webchat-http/assets/console/words");
    let mut words = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(&format!("{language}.js")) {
            words += &fs::read_to_string(path).unwrap().to_lowercase();
        }
    }
    words
}

/// What a page sets in italics, menu by menu.
fn called(page: &str) -> Vec<String> {
    let prose = parted(page).0.replace("**", "");
    let prose: String = prose.split('`').step_by(2).collect();
    let italics = prose.split('*').skip(1).step_by(2);
    italics
        .flat_map(|words| words.split(" → "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_first_steps_are_the_same_in_three_languages() {
    let pages = pages();
    let commands = |page: &str| {
        let blocks = pages[page].split("```sh\n").skip(1);
        blocks
            .map(|block| block.split("```").next().unwrap())
            .collect::<String>()
    };
    for language in ["es", "pt"] {
        let name = format!("docs/start.{language}.md");
        assert_eq!(commands(&name), commands("docs/start.md"), "{name}");
        let words = console_words(language);
        let called = called(&pages[&name]);
        for word in &called {
            assert!(words.contains(&word.to_lowercase()), "{name}: {word}");
        }
        assert!(called.len() > 20, "{name}: {called:?}");
    }
}

#[test]
fn what_the_pages_call_by_name_is_called_so_in_the_console() {
    let english = console_words("en");
    let pages = pages();
    let (mut seen, mut unknown) = (0, Vec::new());
    for name in CONSOLE_PAGES {
        for word in called(&pages[&format!("docs/{name}.md")]) {
            if !english.contains(&word.to_lowercase()) {
                unknown.push(format!("{name}: {word}"));
            }
            seen += 1;
        }
    }
    assert!(unknown.is_empty() && seen > 60, "{seen} {unknown:?}");
}
