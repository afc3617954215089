// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Decides which files beneath a watched root are taken: a template's filter over the built-in rules,
/// and the rules of the folder itself where the template heeds them.
///
/// The template has the last word: what `.presignignore` says can only leave more out.
public struct FileRules: Sendable {
    /// What the template says.
    public let filter: FileFilter
    let ignoreFile: IgnoreFile
    private let ready: Ready
    private let builtIn: IgnoreRules
    private let include: PatternList
    private let exclude: PatternList
    /// Patterns that may name what the built-in rules ignore.
    private let outright: [NamePattern]

    /// Whether a rule may ask in which folder something lies.
    let needsFolder: Bool

    /// Makes the rules of a template.
    ///
    /// - Parameters:
    ///   - filter: What the template says.
    ///   - ready: What tells that a file is whole.
    ///   - ignoreFile: What `.presignignore` says; heeded only where the filter says so.
    public init(
        _ filter: FileFilter = FileFilter(),
        ready: Ready = .settle,
        ignoreFile: IgnoreFile = IgnoreFile()
    ) {
        self.filter = filter
        self.ready = ready
        self.ignoreFile = filter.ignoreFile ? ignoreFile : IgnoreFile()
        builtIn = IgnoreRules(takesHidden: filter.hidden)
        include = PatternList(filter.include)
        exclude = PatternList(filter.exclude)
        needsFolder =
            filter.hidden || filter.ignoreFile || !filter.include.isEmpty || exclude.isTied
        outright = filter.include.filter { !$0.isNegated } + filter.exclude.filter(\.isNegated)
    }

    /// The rules of a template as they are now in its folder.
    public init(of template: Template) {
        let isHeeded = template.filter.ignoreFile
        self.init(
            template.filter,
            ready: template.ready,
            ignoreFile: isHeeded ? IgnoreFile(inRoot: template.watch) : IgnoreFile()
        )
    }

    /// The same rules with another `.presignignore`.
    func with(_ ignoreFile: IgnoreFile) -> FileRules {
        FileRules(filter, ready: ready, ignoreFile: ignoreFile)
    }

    /// The rule by which a file, or a folder above it, is left out by its name; nothing when it is
    /// taken.
    public func rule(leavingOut name: FileName, isFolder: Bool = false) -> FileRule? {
        var folder = name.bytes[..<0]
        while true {
            let start = folder.isEmpty ? 0 : folder.endIndex + 1
            guard let slash = name.bytes[start...].firstIndex(of: UInt8(ascii: "/")) else {
                return rule(leavingOut: name.bytes[start...], in: folder, isFolder: isFolder)
            }
            let part = name.bytes[start..<slash]
            if let rule = rule(leavingOut: part, in: folder, isFolder: true) { return rule }
            folder = name.bytes[..<slash]
        }
    }

    /// The rule by which something in a folder that is itself taken is left out by its name.
    public func rule(
        leavingOut part: ArraySlice<UInt8>,
        in folder: ArraySlice<UInt8>,
        isFolder: Bool
    ) -> FileRule? {
        if folder.isEmpty, isOwn(part) { return .own }
        if !isFolder, let other = fileOfSidecar(part) {
            return .sidecar(of: NameText.shown(other))
        }
        if let index = exclude.index(deciding: part, in: folder, isFolder: isFolder),
            !exclude.patterns[index].isNegated
        {
            return .excluded(exclude.patterns[index].text)
        }
        if let rule = builtInRule(part, folder, isFolder) { return .builtIn(rule) }
        if let rule = ignoreFile.rule(leavingOut: part, in: folder, isFolder: isFolder) {
            return rule
        }
        guard !isFolder, !include.isEmpty, !include.includes(part, in: folder) else { return nil }
        return .notIncluded
    }

    /// The name of the sidecar that a file needs; nothing where `ready` is something else.
    public func sidecar(of part: ArraySlice<UInt8>) -> [UInt8]? {
        guard case .sidecar(let name) = ready else { return nil }
        return name.sidecar(of: part)
    }

    /// The file that a sidecar tells of; nothing when it is none.
    func fileOfSidecar(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        guard case .sidecar(let name) = ready else { return nil }
        return name.file(of: part)
    }

    private func isOwn(_ part: ArraySlice<UInt8>) -> Bool {
        part.first == UInt8(ascii: ".")
            && (part.elementsEqual(".presignd".utf8)
                || filter.ignoreFile && part.elementsEqual(IgnoreFile.name.utf8))
    }

    private func builtInRule(
        _ part: ArraySlice<UInt8>,
        _ folder: ArraySlice<UInt8>,
        _ isFolder: Bool
    ) -> String? {
        guard let rule = builtIn.rule(ignoringPart: part) else { return nil }
        guard !outright.isEmpty else { return rule }
        let path = folder.split(separator: UInt8(ascii: "/")) + [part]
        let isNamed = { (rule: String) in
            outright.contains { $0.spells(rule, of: path, isFolder: isFolder) }
        }
        guard isNamed(rule) else { return rule }
        guard rule == IgnoreRules.hidden,
            let other = IgnoreRules(takesHidden: true).rule(ignoringPart: part), !isNamed(other)
        else { return nil }
        return other
    }
}
