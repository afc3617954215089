// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A role to take on, as a profile or the environment describes it.
struct Role: Sendable {
    /// What the role stands in, for errors: `profile "team"`.
    var place: String
    var arn: String
    /// What the session is called in the logs of AWS; default: presignd and the time.
    var sessionName: String?
    /// What the role's owner asks for so that nobody else can make us use it.
    var externalID: Secret?
    /// How long the session shall last, in seconds; absent: as STS decides, which is an hour.
    var seconds: Int?

    /// Makes a role of the environment.
    init(place: String, arn: String, sessionName: String? = nil) {
        self.place = place
        self.arn = arn
        self.sessionName = sessionName
    }

    /// Reads a role out of a profile's settings.
    init(_ settings: Profile) throws(CredentialError) {
        place = settings.place
        guard let arn = settings["role_arn"] else {
            throw .incomplete(place: place, missing: "role_arn")
        }
        self.arn = arn
        sessionName = settings["role_session_name"]
        externalID = settings["external_id"].map(Secret.init)
        if let text = settings["duration_seconds"] {
            guard let seconds = Int(text), (900...43_200).contains(seconds) else {
                throw .badSetting(
                    place: place,
                    setting: "duration_seconds",
                    wanted: "a whole number from 900 to 43200"
                )
            }
            self.seconds = seconds
        }
    }

    /// The name of a session that begins now.
    func session(at now: Timestamp) -> String { sessionName ?? "presignd-\(now.seconds)" }
}
