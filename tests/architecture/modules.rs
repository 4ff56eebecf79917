//! The modules of one crate, as their source files declare them, and where a path in the code leads.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Item, UseTree, visit::Visit};

/// A module's place in its crate: `["conversation", "actor"]`; empty for the root.
pub(crate) type ModulePath = Vec<String>;

/// One source file: what it names, and what it makes available under a name of its own.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Names of items that the file defines itself.
    defines: Vec<String>,
    /// `use` declarations: the name that they bind, and the path that it stands for.
    uses: Vec<(String, Vec<String>)>,
    /// Modules whose names come in by `use module::*`.
    globs: Vec<Vec<String>>,
    /// Other paths in the code with two segments or more.
    paths: Vec<Vec<String>>,
}

/// All modules of a crate that are part of the product: those under `#[cfg(test)]` are left out.
pub(crate) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// Reads a crate from its root file and the files of the modules declared there.
    pub(crate) fn read(root: &Path) -> Self {
        let mut read = Self { modules: BTreeMap::new() };
        let folder = root.parent().expect("a file lies in a folder");
        read.add(Vec::new(), root, folder);
        read
    }

    /// Which file names something of which other file, ancestors and descendants of a module left out: a parent and its
    /// child modules are one unit that was cut for length.
    pub(crate) fn arrows(&self) -> BTreeMap<PathBuf, Vec<PathBuf>> {
        let mut arrows: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for (at, module) in &self.modules {
            let to = arrows.entry(module.file.clone()).or_default();
            let named = module.uses.iter().map(|(_, path)| path).chain(&module.globs).chain(&module.paths);
            for target in named.filter_map(|path| self.resolve(at, path, 0)) {
                let related = at.starts_with(&target) || target.starts_with(at);
                if !related && !to.contains(&self.modules[&target].file) {
                    to.push(self.modules[&target].file.clone());
                }
            }
        }
        arrows
    }

    fn add(&mut self, at: ModulePath, file: &Path, children_in: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in parsed.items.iter().filter(|item| !is_for_tests(attributes(item))) {
            match item {
                Item::Mod(declared) if declared.content.is_none() => {
                    let name = declared.ident.to_string();
                    let child: ModulePath = at.iter().cloned().chain([name.clone()]).collect();
                    let flat = children_in.join(format!("{name}.rs"));
                    let nested = children_in.join(&name).join("mod.rs");
                    let path = if flat.exists() { flat } else { nested };
                    self.add(child, &path, &children_in.join(&name));
                }
                Item::Use(declared) => flatten(&declared.tree, &mut Vec::new(), &mut module),
                _ => {
                    module.defines.extend(name_of(item));
                    Paths(&mut module.paths).visit_item(item);
                }
            }
        }
        self.modules.insert(at, module);
    }

    /// The module in which the thing named `path`, as written in module `at`, is defined; `None` for other crates.
    fn resolve(&self, at: &[String], path: &[String], depth: usize) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        if depth > LONGEST_CHAIN {
            return None;
        }
        match first.as_str() {
            "crate" => self.descend(Vec::new(), rest, depth),
            "self" => self.descend(at.to_vec(), rest, depth),
            "super" => self.descend_super(at, rest, depth),
            _ => {
                let child: ModulePath = at.iter().cloned().chain([first.clone()]).collect();
                if self.modules.contains_key(&child) {
                    return self.descend(child, rest, depth);
                }
                let bound = self.modules.get(at)?.uses.iter().find(|(name, stands)| name == first && stands != path)?;
                let whole: Vec<String> = bound.1.iter().chain(rest).cloned().collect();
                self.resolve(at, &whole, depth + 1)
            }
        }
    }

    fn descend_super(&self, at: &[String], rest: &[String], depth: usize) -> Option<ModulePath> {
        let (_, parent) = at.split_last()?;
        match rest.split_first() {
            Some((next, further)) if next == "super" => self.descend_super(parent, further, depth),
            _ => self.descend(parent.to_vec(), rest, depth),
        }
    }

    fn descend(&self, at: ModulePath, rest: &[String], depth: usize) -> Option<ModulePath> {
        let module = self.modules.get(&at)?;
        let Some((next, further)) = rest.split_first() else { return Some(at) };
        let child: ModulePath = at.iter().cloned().chain([next.clone()]).collect();
        if self.modules.contains_key(&child) {
            return self.descend(child, further, depth);
        }
        if module.defines.contains(next) {
            return Some(at);
        }
        if let Some((_, stands)) = module.uses.iter().find(|(name, _)| name == next) {
            let whole: Vec<String> = stands.iter().chain(further).cloned().collect();
            return self.resolve(&at, &whole, depth + 1);
        }
        let mut through = module.globs.iter().filter_map(|glob| self.resolve(&at, glob, depth + 1));
        through.find(|target| *target != at && self.modules[target].defines.contains(next)).or(Some(at))
    }
}

/// Longest chain of re-exports that is followed.
const LONGEST_CHAIN: usize = 12;

fn flatten(tree: &UseTree, prefix: &mut Vec<String>, module: &mut Module) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, module);
            prefix.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, prefix, module)),
        UseTree::Glob(_) => module.globs.push(prefix.clone()),
        UseTree::Name(name) if name.ident == "self" => {
            let bound = prefix.last().cloned().unwrap_or_default();
            module.uses.push((bound, prefix.clone()));
        }
        UseTree::Name(name) => bind(&name.ident, &name.ident, prefix, module),
        UseTree::Rename(renamed) => bind(&renamed.rename, &renamed.ident, prefix, module),
    }
}

fn bind(name: &syn::Ident, of: &syn::Ident, prefix: &[String], module: &mut Module) {
    let mut path = prefix.to_vec();
    if of != "self" {
        path.push(of.to_string());
    }
    module.uses.push((name.to_string(), path));
}

struct Paths<'a>(&'a mut Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                let condition = list.tokens.to_string();
                condition == "test" || condition.starts_with("any (test") || condition.starts_with("all (test")
            })
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}
