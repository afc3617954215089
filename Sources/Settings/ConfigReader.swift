// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads `config.yaml`.
struct ConfigReader {
    /// The absolute path of the file.
    let path: String
    let section: Section

    private var findings: Findings { section.findings }
    private var folder: String { PathText.clean(path + "/..") }

    func read() -> Draft {
        section.check(
            known: ["version", "state", "jobs", "stores", "sinks", "limits", "history"],
            later: ["policies", "control", "metrics"]
        )
        readVersion()
        let folder = folder
        var draft = Draft(
            folder: folder,
            config: path,
            section: section,
            state: section.path("state", in: folder) ?? PathText.clean("\(folder)/state"),
            jobs: section.path("jobs", in: folder) ?? PathText.clean("\(folder)/jobs")
        )
        if let limits = section.section("limits") { draft.limits = read(limits: limits) }
        if let history = section.readHistory("history") { draft.history = history }
        let store = "a store is where objects go, such as local: { kind: local, folder: ./objects }"
        section.require("stores", cure: store)
        for (name, store) in named("stores") {
            draft.storeNames.append(name)
            let reader = StoreReader(name: name, section: store, folder: folder)
            if let settings = findings.unlessReported(reader.read) {
                draft.stores.append(Placed(value: settings, section: store))
            }
        }
        if section.value("stores") != nil, section.section("stores")?.entries.isEmpty == true {
            section.report("stores", "is empty", cure: store)
        }
        for (name, sink) in named("sinks") {
            draft.sinkNames.append(name)
            let reader = SinkReader(name: name, section: sink, folder: folder)
            if let settings = findings.unlessReported(reader.read) {
                draft.sinks.append(Placed(value: settings, section: sink))
            }
        }
        return draft
    }

    private func readVersion() {
        section.require("version", cure: "write version: 1 as the first line")
        guard let version = section.text("version"), version != "1" else { return }
        section.report(
            "version",
            "\"\(version)\" is not a version this presignd reads",
            cure: "write version: 1"
        )
    }

    /// The mappings beneath a key, by their names, which are checked.
    private func named(_ key: String) -> [(String, Section)] {
        guard let outer = section.section(key) else { return [] }
        return outer.entries.compactMap { entry in
            do throws(ValueProblem) {
                try Words.name(entry.name)
            } catch {
                findings.report(outer.place(entry.name), error)
            }
            return outer.section(entry.name).map { (entry.name, $0) }
        }
    }

    private func read(limits section: Section) -> Limits {
        section.check(known: ["transfers", "memory", "bwlimit", "hold_above"])
        var limits = Limits()
        limits.transfers =
            section.read("transfers") { text throws(ValueProblem) in
                let count = try QuantityText.count(text)
                guard (1...1_024).contains(count) else {
                    throw ValueProblem("\(count) is out of range", cure: "write 1 to 1024")
                }
                return count
            }
        limits.memory =
            section.read("memory") { text throws(ValueProblem) in
                let size = try QuantityText.size(text)
                // A body of 8 MiB is read into memory whole.
                guard ((8 << 20)...(64 << 30)).contains(size) else {
                    throw ValueProblem("\"\(text)\" is out of range", cure: "write 8MiB to 64GiB")
                }
                return Int(size)
            } ?? limits.memory
        limits.bandwidth = section.read("bwlimit", BandwidthText.limit) ?? limits.bandwidth
        limits.holdAbove = section.readBrake("hold_above") ?? limits.holdAbove
        return limits
    }
}
