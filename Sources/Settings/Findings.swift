// SPDX-License-Identifier: Apache-2.0

/// Where in the files something stands.
struct Place: Hashable {
    var file: String
    /// From 1; 0 for the whole file.
    var line: Int = 0
    var key: String = ""

    /// `file:line`, to point at a second place.
    var short: String { line > 0 ? "\(file):\(line)" : file }
}

/// What is wrong with a value, before it is known where it stands.
struct ValueProblem: Error {
    var problem: String
    var cure: String

    init(_ problem: String, cure: String) {
        self.problem = problem
        self.cure = cure
    }
}

/// Collects what is found while the files are read, so that a person sees all of it at once.
final class Findings {
    private(set) var problems: [SettingsProblem] = []
    private(set) var warnings: [SettingsProblem] = []

    func report(_ place: Place, _ problem: String, cure: String) {
        problems.append(Self.problem(place, problem, cure))
    }

    func report(_ place: Place, _ value: ValueProblem) {
        report(place, value.problem, cure: value.cure)
    }

    func warn(_ place: Place, _ problem: String, cure: String) {
        warnings.append(Self.problem(place, problem, cure))
    }

    /// Takes over the warnings of another.
    func add(warningsOf other: Findings) { warnings += other.warnings }

    /// What `read` returns, if it reported nothing.
    func unlessReported<Value>(_ read: () -> Value?) -> Value? {
        let before = problems.count
        let value = read()
        return problems.count == before ? value : nil
    }

    /// The problems in the order of the files and of the lines in them, each once.
    var sorted: [SettingsProblem] {
        var files: [String: Int] = [:]
        for problem in problems where files[problem.file] == nil {
            files[problem.file] = files.count
        }
        var seen: Set<SettingsProblem> = []
        return problems.filter { seen.insert($0).inserted }.enumerated().sorted { a, b in
            (files[a.element.file] ?? 0, a.element.line, a.offset)
                < (files[b.element.file] ?? 0, b.element.line, b.offset)
        }.map(\.element)
    }

    private static func problem(
        _ place: Place,
        _ problem: String,
        _ cure: String
    ) -> SettingsProblem {
        SettingsProblem(
            file: place.file,
            line: place.line,
            key: place.key,
            problem: problem,
            cure: cure
        )
    }
}
