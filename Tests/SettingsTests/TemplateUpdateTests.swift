// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("The templates, read anew under a configuration that is in force")
struct TemplateUpdateTests {
    private let folder: ConfigFolder
    private var config: String { "\(folder.path)/config.yaml" }

    init() throws {
        folder = try ConfigFolder()
        try folder.makeFolder("other")
        try folder.makeFolder("third")
        try folder.write(ConfigFolder.template, to: "jobs/inbox.yaml")
        try folder.write(template("other"), to: "jobs/other.yaml")
    }

    private func template(_ folder: String, _ more: String = "") -> String {
        "watch: ./\(folder)\nstore: local\npublish: [links]\n\(more)"
    }

    private func read(under inForce: Configuration) -> (TemplateReading, problems: [String]) {
        let reading = SettingsReader.templates(config: config, under: inForce)
        return (reading, reading.problems.map { $0.replacing("\(folder.path)/", with: "") })
    }

    /// What is in force after a reading.
    private func taken(_ reading: TemplateReading, _ before: Configuration) -> Configuration {
        var configuration = before
        configuration.templates = reading.templates
        configuration.templateFiles = reading.files
        return configuration
    }

    @Test("are the same when nothing changed")
    func nothing() throws {
        let loaded = try folder.load().configuration
        let (reading, problems) = read(under: loaded)
        #expect(taken(reading, loaded) == loaded)
        #expect(problems.isEmpty && reading.warnings.isEmpty)
    }

    @Test("that are good take effect beside one that is wrong, which stays as it was")
    func wrong() throws {
        let loaded = try folder.load().configuration
        try folder.write(template("inbox", "setle: 1s\n"), to: "jobs/inbox.yaml")
        try folder.write(template("other", "settle: 5s\n"), to: "jobs/other.yaml")
        try folder.write(template("third"), to: "jobs/third.yaml")
        try folder.write("watch: [", to: "jobs/new.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(reading.templates.map(\.name) == ["inbox", "other", "third"])
        #expect(reading.templates[0] == loaded.templates[0])
        #expect(reading.templates[1].settle == .seconds(5))
        #expect(problems.count == 2)
        #expect(problems[0].hasPrefix("jobs/inbox.yaml:4: setle: is not a known key"))
        #expect(problems[0].hasSuffix("; the template inbox stays as it was"))
        #expect(problems[1].hasPrefix("jobs/new.yaml:"))
        #expect(problems[1].hasSuffix("; jobs/new.yaml is not in force"))
    }

    @Test("are gone with their files, whatever they are called")
    func gone() throws {
        try folder.write("name: scans\n" + template("third"), to: "jobs/third.yaml")
        let loaded = try folder.load().configuration
        #expect(loaded.templateFiles["scans"] == "third.yaml")
        try folder.remove("jobs/third.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(reading.templates.map(\.name) == ["inbox", "other"] && problems.isEmpty)
    }

    @Test("stay as they were when the whole folder is gone")
    func folderGone() throws {
        let loaded = try folder.load().configuration
        try folder.move("jobs", to: "elsewhere")
        let (reading, problems) = read(under: loaded)
        #expect(taken(reading, loaded) == loaded)
        #expect(problems.first?.contains("the templates stay as they were") == true)
    }

    @Test("that clash with another are refused, and not the other")
    func clash() throws {
        try folder.write(template("third", "after: delete\n"), to: "jobs/z.yaml")
        let loaded = try folder.load().configuration
        try folder.write(template("third"), to: "jobs/a.yaml")
        try folder.write("name: inbox\n" + template("inbox"), to: "jobs/b.yaml")
        try folder.write(template("other", "settle: 5s\n"), to: "jobs/other.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(reading.templates.map(\.name) == ["inbox", "other", "z"])
        #expect(reading.templates[1].settle == .seconds(5))
        #expect(problems.count == 2, "\(problems)")
        #expect(problems[0].hasPrefix("jobs/a.yaml:1: watch: overlaps the folder of"))
        #expect(problems[0].hasSuffix("jobs/a.yaml is not in force"))
        #expect(problems[1].hasPrefix("jobs/b.yaml:1: name: \"inbox\" is also the name"))
    }

    @Test("may swap their folders, which is right only together")
    func swap() throws {
        try folder.write(template("inbox", "after: delete\n"), to: "jobs/inbox.yaml")
        let loaded = try folder.load().configuration
        try folder.write(template("other", "after: delete\n"), to: "jobs/inbox.yaml")
        try folder.write(template("inbox"), to: "jobs/other.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(problems.isEmpty)
        #expect(reading.templates.map(\.watch) == ["\(folder.path)/other", "\(folder.path)/inbox"])
    }

    @Test("know only the stores and sinks that are in force")
    func stores() throws {
        let loaded = try folder.load().configuration
        try folder.write(
            ConfigFolder.config.replacing("sinks:", with: "  more: { kind: local }\nsinks:"),
            to: "config.yaml"
        )
        try folder.write(template("third").replacing("local", with: "more"), to: "jobs/third.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(reading.templates == loaded.templates)
        #expect(problems.first?.contains("store: there is no store \"more\"") == true)
    }

    @Test("warn of a folder that does not exist only when its file changed")
    func warnings() throws {
        let loaded = try folder.load().configuration
        try folder.write(template("nowhere"), to: "jobs/third.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(problems.isEmpty && reading.templates.count == 3)
        #expect(reading.warnings.count == 1)
        #expect(read(under: taken(reading, loaded)).0.warnings.isEmpty)
    }

    @Test("stay in force where the world changed under them")
    func world() throws {
        let loaded = try folder.load().configuration
        try folder.remove("inbox")
        try folder.write("a file now", to: "inbox")
        try folder.write(template("other", "settle: 5s\n"), to: "jobs/other.yaml")
        let (reading, problems) = read(under: loaded)
        #expect(reading.templates.map(\.settle) == [nil, .seconds(5)])
        #expect(problems.isEmpty, "nothing is wrong with what was edited")
    }
}
