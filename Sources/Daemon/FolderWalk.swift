// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Watch

/// The files that a path of `presignd upload` means: itself, or all beneath it, in batches.
///
/// A folder's own name is part of its files' names: `upload photos` gives `photos/a.jpg`. Files that
/// the watcher would ignore are left out of folders, but taken when they are named themselves.
struct FolderWalk: Sequence, IteratorProtocol {
    enum Element {
        case files([SettledFile])
        /// A path that is no file to upload, and why.
        case problem(path: String, String)
        /// What lies in a folder and is left out, and the rule that says so.
        case ignored(path: String, rule: String)
    }

    private static let batchSize = 256
    private let root: String
    private let rules: FileRules
    private let watched: [UInt8]
    private let handle: FolderHandle?
    private var open: [FileName] = []
    private var files: [SettledFile] = []
    private var problems: [(String, String)] = []
    private var ignored: [(String, String)] = []

    /// Starts a walk.
    ///
    /// - Parameters:
    ///   - path: What was named, absolute.
    ///   - rules: Which files of a folder are taken.
    ///   - watched: The folder that the rules begin at, where the path lies in it; elsewhere they begin
    ///     where the names do.
    init(_ path: [UInt8], rules: FileRules = FileRules(), watched: String = "") {
        self.rules = rules
        self.watched = Array(watched.utf8)
        let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
        root = slash == 0 ? "/" : String(decoding: path[..<slash], as: UTF8.self)
        do {
            handle = try FolderHandle(path: root)
            visit(FileName(bytes: Array(path[(slash + 1)...])), isNamed: true)
        } catch {
            handle = nil
            problems.append((NameText.shown(path), SystemText.text(error.number)))
        }
    }

    mutating func next() -> Element? {
        while files.count < Self.batchSize, let folder = open.popLast() { list(folder) }
        if let (path, problem) = problems.popLast() { return .problem(path: path, problem) }
        if let (path, rule) = ignored.popLast() { return .ignored(path: path, rule: rule) }
        guard !files.isEmpty else { return nil }
        defer { files = [] }
        return .files(files)
    }

    private mutating func list(_ folder: FileName) {
        guard let inside = handle?.folder(folder) else {
            problems.append(("\(root)/\(folder)", SystemText.text(errno)))
            return
        }
        do {
            let around = nameForRules(folder)
            for name in try inside.names() {
                let whole = folder.appending(name)
                if let rule = rule(leavingOut: name[...], in: around[...], whole) {
                    ignored.append(("\(root)/\(whole)", "\(rule)"))
                    continue
                }
                visit(whole, isNamed: false)
            }
        } catch {
            problems.append(("\(root)/\(folder)", SystemText.text(error.number)))
        }
    }

    private func rule(
        leavingOut part: ArraySlice<UInt8>,
        in around: ArraySlice<UInt8>,
        _ whole: FileName
    ) -> FileRule? {
        switch handle?.look(at: whole) {
        case .folder: return rules.rule(leavingOut: part, in: around, isFolder: true)
        case .file(let stamp):
            if let rule = rules.rule(leavingOut: part, in: around, isFolder: false) { return rule }
            // Who says `upload` does not mean "later".
            switch rules.filter.limit(on: stamp, at: WallClock.now()) {
            case nil, .tooYoung: return nil
            case let limit?: return .limit(limit)
            }
        default: return rules.rule(leavingOut: part, in: around, isFolder: false)
        }
    }

    /// A folder's name as patterns see it.
    private func nameForRules(_ folder: FileName) -> [UInt8] {
        let path = Array(root.utf8) + [UInt8(ascii: "/")] + folder.bytes
        if path == watched { return [] }
        let front = watched + [UInt8(ascii: "/")]
        return path.starts(with: front) ? Array(path.dropFirst(front.count)) : folder.bytes
    }

    private mutating func visit(_ name: FileName, isNamed: Bool) {
        switch handle?.look(at: name) {
        case .file(let stamp):
            files.append(SettledFile(root: root, name: name, stamp: stamp))
        case .folder:
            open.append(name)
        case .other where isNamed:
            problems.append(("\(root)/\(name)", "only regular files are uploaded"))
        case .other:
            break
        case .error(let number):
            problems.append(("\(root)/\(name)", SystemText.text(number)))
        case nil:
            break
        }
    }
}
