// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what tells that a file is whole.
struct ReadyReader {
    let section: Section

    func read() -> Ready? {
        guard let value = section.value("ready") else { return nil }
        guard case .mapping = value.content else {
            return section.read("ready") { text throws(ValueProblem) in
                try Words.choice(text, ["settle", "rename", "sidecar"])
                switch text {
                case "rename": return .rename
                case "sidecar": return .sidecar(.usual)
                default: return .settle
                }
            }
        }
        guard let inner = section.section("ready") else { return nil }
        inner.check(known: ["sidecar"])
        inner.require("sidecar", cure: "write settle, rename or { sidecar: \"{name}.done\" }")
        return inner.read("sidecar") { text throws(ValueProblem) in
            do throws(SidecarNameError) {
                return .sidecar(try SidecarName(text))
            } catch {
                throw ValueProblem(
                    "\"\(text)\" \(error.problem)",
                    cure: "write { sidecar: \"{name}.done\" }: a.pdf waits for a.pdf.done"
                )
            }
        }
    }
}
