// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension Pause {
    /// What is paused, why, and how it goes on, for people.
    var sentence: String {
        let name = template ?? ""
        switch reason {
        case .person:
            let command = template.map { "presignd resume \($0)" } ?? "presignd resume"
            return "paused by a person; `\(command)` goes on"
        case .brake:
            return
                "held: \(files.grouped) files (\(SizeText.short(bytes))) came within 10 minutes; "
                + "`presignd release \(name)` sends them, "
                + "`presignd cancel --template \(name)` forgets them"
        }
    }

    /// The short word for it.
    var code: String {
        switch reason {
        case .person: "paused"
        case .brake: "held"
        }
    }
}

extension JobRecord {
    /// What pauses this job, if it waits and anything does.
    func pause(among pauses: [Pause]) -> (code: String, sentence: String)? {
        guard state == .waiting else { return nil }
        // What a person did is undone first.
        let applying = pauses.filter { $0.template ?? job.template.name == job.template.name }
        if let pause = applying.first(where: { $0.reason == .person }) ?? applying.first {
            return (pause.code, pause.sentence)
        }
        guard isPaused else { return nil }
        return ("paused", "paused by a person; `presignd resume \(job.id)` goes on")
    }
}

extension BinaryInteger {
    /// The number with a comma after each three digits.
    var grouped: String {
        let digits = Array(String(self).reversed())
        var text: [Character] = []
        for (index, digit) in digits.enumerated() {
            if index > 0, index.isMultiple(of: 3), digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
