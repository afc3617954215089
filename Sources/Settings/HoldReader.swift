// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Reads which files a template holds; its keys stand at the top of the template.
struct HoldReader {
    let section: Section

    func read() -> HoldRules {
        var rules = HoldRules()
        rules.hardLinks = section.choice("hard_links", HardLinks.self) ?? rules.hardLinks
        rules.owners = readOwners()
        rules.sparse = section.choice("sparse", Sparse.self) ?? rules.sparse
        rules.secrets = section.choice("secrets", Secrets.self) ?? rules.secrets
        return rules
    }

    private func readOwners() -> [UInt32]? {
        guard let value = section.value("owners") else { return nil }
        if case .text(let text) = value.content {
            if text == "any" { return nil }
            return section.read("owners", Self.owner).map { [$0] }
        }
        guard let elements = section.list("owners") else { return nil }
        if elements.isEmpty {
            section.report(
                "owners",
                "is empty, so no file is sent",
                cure: "write any, or [alice, 1000]"
            )
        }
        return elements.compactMap { element in
            guard case .text(let text) = element.content else {
                section.report(
                    "owners",
                    "has an element that is no user",
                    cure: "write [alice, 1000]"
                )
                return nil
            }
            do throws(ValueProblem) {
                return try Self.owner(text)
            } catch {
                section.findings.report(section.place("owners"), error)
                return nil
            }
        }
    }

    /// A user's number, given as such or by name.
    private static func owner(_ text: String) throws(ValueProblem) -> UInt32 {
        if let number = UInt32(text), text.utf8.first?.isASCIIDigit == true { return number }
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let answer = unsafe getpwnam_r(text, &record, &buffer, buffer.count, &found)
        guard unsafe answer == 0 && found != nil else {
            throw ValueProblem(
                "there is no user \"\(text)\" on this machine",
                cure: "write any, or a list of names and numbers: [alice, 1000]"
            )
        }
        return unsafe record.pw_uid
    }
}
