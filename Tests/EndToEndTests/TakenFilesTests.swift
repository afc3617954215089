// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Which files are taken, as a person sees it", .timeLimit(.minutes(5)))
struct TakenFilesTests {
    @Test("is explained by check, without a daemon and without a state folder (W7)")
    func explained() throws {
        let sandbox = try Sandbox(
            template:
                "include: [\"*.pdf\"]\nexclude: [old/]\nmax_size: 5\nmin_age: 7d\nignore_file: true"
        )
        try sandbox.write("inbox/.presignignore", "draft*\n")
        for name in ["a.pdf", "a.txt", "a.pdf.part", "old/b.pdf", "draft.pdf"] {
            try sandbox.write("inbox/\(name)", "x")
        }
        try sandbox.write("inbox/big.pdf", "too large")
        unsafe #expect(
            symlink("../config.yaml", sandbox.folder.appending(path: "inbox/link.pdf").path) == 0
        )
        for (path, sentence) in [
            ("inbox/a.pdf", "template inbox: takes it later: it waits until it is as old as"),
            ("inbox/a.txt", "leaves it out, because it matches no pattern under `include:`"),
            ("inbox/a.pdf.part", "because its name matches *.part"),
            ("inbox/old/b.pdf", "because it matches `exclude: \"old/\"`"),
            ("inbox/old", "does not look into this folder"),
            (
                "inbox/draft.pdf",
                "because it matches line 1 of .presignignore in the watched folder"
            ),
            ("inbox/big.pdf", "because it has more than the 5 bytes of `max_size:`"),
            ("inbox/link.pdf", "leaves it alone: only regular files are uploaded"),
            ("inbox/gone.pdf", "would take a file of this name; it cannot be looked at"),
            ("config.yaml", "no template watches this folder; watched are:"),
        ] {
            let result = try sandbox.presignd("check", "--explain", path)
            #expect(result.status == 0 && result.output.contains(sentence), "\(result.output)")
        }
        let state = sandbox.folder.appending(path: "state").path
        #expect(!FileManager.default.fileExists(atPath: state))
    }

    @Test("is explained too where a sidecar is missing, or a name would be held (W6)")
    func explainedWaits() throws {
        let sandbox = try Sandbox(template: "ready: sidecar")
        for name in ["a.pdf", "b.pdf", "b.pdf.done", "c.pem", "c.pem.done", "d.pdf"] {
            try sandbox.write("inbox/\(name)", "x")
        }
        let inbox = sandbox.folder.appending(path: "inbox").path
        unsafe #expect(link("\(inbox)/d.pdf", "\(inbox)/d.pdf.done") == 0)
        for (name, sentence) in [
            ("a.pdf", "template inbox: waits for a.pdf.done"),
            ("b.pdf", "template inbox: takes it\n"),
            ("d.pdf", "takes it, but holds it: it has 2 names (hard links)"),
            ("b.pdf.done", "because it is there to say that b.pdf is whole"),
            ("c.pem", "takes it, but holds it: it has a name that keys and passwords have (*.pem)"),
        ] {
            let output = try sandbox.presignd("check", "--explain", "inbox/\(name)").output
            #expect(output.contains(sentence), "\(output)")
        }
    }

    @Test("is told by why, and no file that is left out becomes a job (W7)")
    func why() throws {
        let sandbox = try Sandbox(template: "exclude: [\"*.log\"]")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.log", "x")
        try sandbox.write("inbox/.env", "x")
        try sandbox.write("inbox/b.txt", "x")
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["b.txt"])
        let log = try sandbox.presignd("why", "inbox/a.log").output
        #expect(log.contains("ignored, because it matches `exclude: \"*.log\"` of the template"))
        let env = try sandbox.presignd("why", "inbox/.env").output
        #expect(env.contains("because its name matches .*"))
        #expect(try sandbox.presignd("jobs").output.contains("a.log") == false)
        daemon.signal(SIGTERM)
        daemon.wait()
    }
}
