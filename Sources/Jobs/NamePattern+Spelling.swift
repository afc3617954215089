// SPDX-License-Identifier: Apache-2.0

extension NamePattern {
    /// Whether this names something that is ignored unless it is named outright.
    ///
    /// `*.tmp` and `/cache/x.tmp` spell the ending of `*.tmp` out, `.well-known/**` the beginning of
    /// `.*`; `*` and `*.docx` mean no lock file of an editor, though they would match it. A pattern for
    /// what lies beneath a folder names the folder too.
    ///
    /// - Parameters:
    ///   - rule: The rule that ignores it: a name with at most one `*`.
    ///   - path: The parts of the name, the last of which the rule is about.
    ///   - isFolder: Whether it is a folder.
    /// - Returns: Whether it is named outright.
    package func spells(
        _ rule: String,
        of path: [ArraySlice<UInt8>],
        isFolder: Bool
    ) -> Bool {
        guard isTied else {
            guard isFolder || !isForFolders, let last = path.last,
                case .glob(let glob)? = parts.first
            else { return false }
            return glob.matches(last) && glob.spells(rule)
        }
        var places = reach([0])
        for (index, part) in path.enumerated() {
            var next: Set<Int> = []
            for place in places where place < parts.count {
                switch parts[place] {
                case .anyDepth: next.insert(place)
                case .glob(let glob):
                    guard glob.matches(part) else { continue }
                    let mustBeFolder = isForFolders || place + 1 < parts.count
                    if index + 1 == path.count, isFolder || !mustBeFolder, glob.spells(rule) {
                        return true
                    }
                    next.insert(place + 1)
                }
            }
            places = reach(next)
        }
        return false
    }

    /// The places with those behind a `**`, which may stand for nothing.
    private func reach(_ places: Set<Int>) -> Set<Int> {
        var reached = places
        for var place in places {
            while place < parts.count, case .anyDepth = parts[place] {
                place += 1
                reached.insert(place)
            }
        }
        return reached
    }
}

extension GlobPart {
    /// Whether what a rule begins and ends with stands in this as it is.
    fileprivate func spells(_ rule: String) -> Bool {
        if isLiteral { return true }
        let pieces = Array(rule.utf8).split(
            separator: UInt8(ascii: "*"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard let first = pieces.first, let last = pieces.last, pieces.count == 2 else {
            return false
        }
        return front.starts(with: first) && back.reversed().starts(with: last.reversed())
    }
}
