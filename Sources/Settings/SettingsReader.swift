// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// Turns `config.yaml` and `jobs/*.yaml` into a `Configuration`, or into everything that is wrong
/// with them.
///
/// Reading looks at files and folders but changes nothing, and asks nothing of the network: whether a
/// bucket answers or a folder can be written is for others to try.
public struct SettingsReader: Sendable {
    /// A configuration that can be used.
    public struct Loaded: Hashable, Sendable {
        /// The configuration, every path absolute.
        public var configuration: Configuration
        /// What a person should know and may be meant so; each in the form of an error.
        public var warnings: [String]
    }

    /// Reads the file, the templates it names, and checks how they fit together.
    ///
    /// - Parameter path: The file; a relative path begins at the working directory. Problems show it
    ///   as it is given here.
    /// - Returns: The configuration and warnings.
    /// - Throws: `SettingsError` with every problem found.
    public static func load(config path: String) throws(SettingsError) -> Loaded {
        let findings = Findings()
        let draft = read(path, findings)
        draft?.check(findings)
        guard findings.problems.isEmpty, let draft else {
            throw SettingsError(problems: findings.sorted)
        }
        return Loaded(
            configuration: draft.configuration,
            warnings: findings.warnings.map(\.description)
        )
    }

    /// Reads the templates anew, each by itself, under a configuration that is in force.
    ///
    /// - Parameters:
    ///   - path: The configuration's file, as it was given to `load(config:)`; it is not read.
    ///   - inForce: What is in force; the files of its templates are found by `templateFiles`.
    /// - Returns: The templates to have in force from now on, and what is wrong with the files.
    public static func templates(
        config path: String,
        under inForce: Configuration
    ) -> TemplateReading {
        let absolute = try? PathText.absolute(path, in: workingDirectory())
        return TemplateUpdate(config: absolute ?? path, shownConfig: path, inForce: inForce).run()
    }

    static func read(_ path: String, _ findings: Findings) -> Draft? {
        let whole = Place(file: path, line: 0, key: "")
        do throws(ValueProblem) {
            let absolute = try PathText.absolute(path, in: workingDirectory())
            guard let root = value(at: absolute, shown: path, findings),
                let section = Section(root, at: Place(file: path, line: 1, key: ""), findings)
            else { return nil }
            var draft = ConfigReader(path: absolute, section: section).read()
            readTemplates(&draft, shown: path, findings)
            return draft
        } catch {
            findings.report(whole, error)
            return nil
        }
    }

    private static func value(
        at path: String,
        shown: String,
        _ findings: Findings
    ) -> YAMLValue? {
        do throws(ValueProblem) {
            return YAMLReader(file: shown, findings: findings).read(try TextFile.read(path))
        } catch {
            findings.report(Place(file: shown, line: 0, key: ""), error)
            return nil
        }
    }

    static func workingDirectory() throws(ValueProblem) -> String {
        guard let path = unsafe getcwd(nil, 0) else {
            throw ValueProblem("stands in no folder", cure: "name it by its whole path")
        }
        defer { unsafe free(path) }
        guard let text = unsafe String(validatingCString: path) else {
            throw ValueProblem(
                "stands under a working directory whose name is not UTF-8",
                cure: "name it by its whole path"
            )
        }
        return text
    }
}

// MARK: - Templates

extension SettingsReader {
    private static func readTemplates(
        _ draft: inout Draft,
        shown config: String,
        _ findings: Findings
    ) {
        let names: [String]
        do throws(ValueProblem) {
            names = try JobsFolder(path: draft.jobs).names()
        } catch {
            findings.report(draft.section.place("jobs"), error)
            return
        }
        let shownFolder = shown(draft.jobs, draft.folder, config)
        findings.warn(
            ofNames: names,
            in: shownFolder,
            jobs: draft.jobs,
            draft.section.place("jobs")
        )
        for name in names where name.hasSuffix(".yaml") {
            let template = template(
                name,
                in: draft.jobs,
                shown: "\(shownFolder)/\(name)",
                folder: draft.folder,
                findings
            )
            guard let template else { continue }
            draft.templates.append(template)
            draft.templateFiles[template.value.name] = name
        }
    }

    /// Reads one file of the jobs folder.
    static func template(
        _ name: String,
        in jobs: String,
        shown file: String,
        folder: String,
        _ findings: Findings
    ) -> Placed<Template>? {
        guard let root = value(at: "\(jobs)/\(name)", shown: file, findings),
            let section = Section(root, at: Place(file: file, line: 1, key: ""), findings)
        else { return nil }
        let reader = TemplateReader(
            fileName: String(name.dropLast(5)),
            section: section,
            folder: folder
        )
        return findings.unlessReported(reader.read).map { Placed(value: $0, section: section) }
    }

    /// A path beneath the folder of `config.yaml` as the person sees it from where they are.
    static func shown(_ path: String, _ folder: String, _ config: String) -> String {
        guard path.hasPrefix(folder + "/") else { return path }
        let rest = String(path.dropFirst(folder.count + 1))
        guard let slash = config.lastIndex(of: "/") else { return rest }
        return config[...slash] + rest
    }
}

extension Findings {
    /// Warns of names in the jobs folder that are not read.
    func warn(ofNames names: [String], in shown: String, jobs: String, _ place: Place) {
        for name in names where name.hasSuffix(".yml") {
            warn(
                Place(file: "\(shown)/\(name)"),
                "is not read, because its name does not end with .yaml",
                cure: "rename it to \(name.dropLast(4)).yaml"
            )
        }
        guard !names.contains(where: { $0.hasSuffix(".yaml") }) else { return }
        warn(
            place,
            "there is no template in \(jobs), so nothing is watched",
            cure: "put one there, such as inbox.yaml"
        )
    }
}
