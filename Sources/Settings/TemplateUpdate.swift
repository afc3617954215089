// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads the templates anew under the configuration that is in force: what is good takes effect, and
/// what is wrong stays as it was.
///
/// A file may be wrong by itself, or only beside the others (two that watch one folder). All that are
/// good by themselves are tried together first, since some are right only together, such as two
/// that swap their folders. If that fails they are tried one by one.
struct TemplateUpdate {
    /// The file of `config.yaml`, absolute, and as a person names it.
    let config: String
    let shownConfig: String
    let inForce: Configuration

    fileprivate struct File {
        var name: String
        /// What is in force of it.
        var old: Template?
        /// What it says now, if that is good by itself.
        var new: Placed<Template>?
        var problems: [SettingsProblem] = []
        var isChanged: Bool { new != nil && new?.value != old }
    }

    func run() -> TemplateReading {
        let names: [String]
        do throws(ValueProblem) {
            names = try JobsFolder(path: inForce.jobs).names()
        } catch {
            let problem = "jobs: \(error.problem); \(error.cure); the templates stay as they were"
            return TemplateReading(
                templates: inForce.templates,
                files: inForce.templateFiles,
                problems: [problem]
            )
        }
        let warnings = Findings()
        warnings.warn(ofNames: names, in: shownFolder, jobs: inForce.jobs, Place(file: shownConfig))
        var files = names.filter { $0.hasSuffix(".yaml") }.map { read($0, warnings) }
        let good = files.indices.filter { files[$0].isChanged }
        if !problems(of: files.map(\.candidate), warnings).isEmpty { admit(good, of: &files) }
        return reading(files, warnings)
    }

    /// Lets those of the changed files in that add no problem, until none does.
    private func admit(_ changed: [Int], of files: inout [File]) {
        var chosen = files.map(\.predecessor)
        for index in files.indices where !files[index].isChanged {
            chosen[index] = files[index].candidate
        }
        // What is wrong already, because a folder became a file say, is nobody's fault here.
        let before = Set(problems(of: chosen))
        var open = changed
        while true {
            var refused: [Int] = []
            for index in open {
                var trial = chosen
                trial[index] = nil
                // Last, so that what it clashes with is not what is blamed.
                let found = problems(of: trial + [files[index].candidate])
                files[index].problems = found.filter { !before.contains($0) }
                guard files[index].problems.isEmpty else {
                    refused.append(index)
                    continue
                }
                chosen[index] = files[index].candidate
            }
            guard !refused.isEmpty, refused.count < open.count else { break }
            open = refused
        }
        for index in files.indices where !files[index].problems.isEmpty { files[index].new = nil }
    }

    private func reading(_ files: [File], _ findings: Findings) -> TemplateReading {
        var reading = TemplateReading(templates: [])
        for file in files {
            let effect =
                file.old.map { "the template \($0.name) stays as it was" }
                ?? "\(shown(file.name)) is not in force"
            reading.problems += file.problems.map { "\($0); \(effect)" }
            guard let template = file.new?.value ?? file.old else { continue }
            reading.templates.append(template)
            reading.files[template.name] = file.name
        }
        reading.templates.sort { $0.name < $1.name }
        let told = Set(files.filter(\.isChanged).map { shown($0.name) })
        reading.warnings = findings.warnings.filter { warning in
            told.contains(warning.file) || !files.contains { shown($0.name) == warning.file }
        }.map(\.description)
        return reading
    }

    private func read(_ name: String, _ warnings: Findings) -> File {
        let findings = Findings()
        let owner = inForce.templateFiles.first { $0.value == name }?.key
        var file = File(name: name, old: inForce.templates.first { $0.name == owner })
        file.new = SettingsReader.template(
            name,
            in: inForce.jobs,
            shown: shown(name),
            folder: inForce.folder,
            findings
        )
        file.problems = findings.sorted
        warnings.add(warningsOf: findings)
        return file
    }

    private var shownFolder: String {
        SettingsReader.shown(inForce.jobs, inForce.folder, shownConfig)
    }

    private func shown(_ name: String) -> String { "\(shownFolder)/\(name)" }
}

// MARK: - How they fit together

extension TemplateUpdate {
    /// What is wrong with these templates beside each other and under the configuration.
    private func problems(
        of templates: [Candidate?],
        _ warnings: Findings? = nil
    ) -> [SettingsProblem] {
        let findings = Findings()
        var draft = base(findings)
        draft.templates = templates.compactMap { candidate in
            guard let candidate else { return nil }
            let section = Section(
                place: candidate.section?.place ?? Place(file: shown(candidate.file)),
                entries: candidate.section?.entries ?? [],
                findings: findings
            )
            return Placed(value: candidate.template, section: section)
        }
        draft.check(findings)
        warnings?.add(warningsOf: findings)
        return findings.sorted
    }

    /// The configuration in force without templates, as if it had just been read.
    private func base(_ findings: Findings) -> Draft {
        let section = Section(place: Place(file: shownConfig), entries: [], findings: findings)
        var draft = Draft(
            folder: inForce.folder,
            config: config,
            section: section,
            state: inForce.state,
            jobs: inForce.jobs,
            limits: inForce.limits
        )
        draft.storeNames = inForce.stores.keys.sorted()
        draft.sinkNames = inForce.sinks.keys.sorted()
        draft.stores = draft.storeNames.compactMap { name in
            inForce.stores[name].map { Placed(value: $0, section: section) }
        }
        draft.sinks = draft.sinkNames.compactMap { name in
            inForce.sinks[name].map { Placed(value: $0, section: section) }
        }
        return draft
    }

    /// One template of a trial; without section when its file does not say it any more.
    fileprivate struct Candidate {
        var file: String
        var template: Template
        var section: Section?
    }
}

extension TemplateUpdate.File {
    fileprivate var predecessor: TemplateUpdate.Candidate? {
        old.map { TemplateUpdate.Candidate(file: name, template: $0) }
    }

    fileprivate var candidate: TemplateUpdate.Candidate? {
        guard let new else { return predecessor }
        return TemplateUpdate.Candidate(file: name, template: new.value, section: new.section)
    }
}
