import SwiftletLibrary

/// The server under Docker Compose, with the Dockerfile of its image.
struct ComposeFiles {
    let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    var all: [DeploymentFile] { [DeploymentFile("compose.yaml", compose)] + DockerFiles(deployment).all }

    private var isBaked: Bool { deployment.supply == .bake }

    private var compose: String {
        var parts = [heading, "name: \(deployment.name)", "services:"]
        if deployment.supply == .pull { parts.append(pull) }
        parts.append(server)
        if !isBaked { parts.append("volumes:\n  library:") }
        return parts.joined(separator: "\n") + "\n"
    }

    private var heading: String {
        var lines = deployment.heading + ["", "1. The image, in a checkout of Swiftlet:"]
        lines.append("     docker build -f deploy/Dockerfile -t \(deployment.image) .")
        if let image = pullImage, image != deployment.image {
            lines.append("     docker build -f deploy/Dockerfile -t \(image) --target pull .")
        }
        if !deployment.isInsecure {
            lines += [
                "2. An API key; the file has only its SHA-256, and the container's user must be able to read it:",
                "     swiftlet key add app --file deploy/keys/keys.json",
                "     chown -R \(Deployment.userID):\(Deployment.userID) deploy/keys",
                "   A key that is revoked in it later counts no more within a second.",
            ]
        }
        if deployment.supply == .byHand {
            lines += [
                "3. The model: docker compose run --rm -v ./model.gguf:/model.gguf:ro server pull /model.gguf "
                    + "--as \(deployment.model.name)"
            ]
        }
        lines.append("Then: docker compose -f deploy/compose.yaml up -d --wait")
        return Quoting.comment(lines)
    }

    private var pullImage: String? {
        guard deployment.supply == .pull else { return nil }
        return DockerFiles(deployment).hasPullStage ? DockerFiles.pullImage(deployment.image) : deployment.image
    }

    /// Runs before the server, and does nothing once the model is there.
    private var pull: String {
        """
          pull:
            image: \(Quoting.quoted(pullImage ?? deployment.image))
            command:
        \(Quoting.items(Quoting.withoutVariables(deployment.pullArguments), indent: 6))
            restart: "no"
        \(restrictions)
            mem_limit: 1g
            volumes:
              - library:\(Deployment.home)
        """
    }

    private var server: String {
        let size = deployment.size
        let keys = deployment.isInsecure ? nil : Deployment.keyFile
        let arguments = deployment.serveArguments(host: "0.0.0.0", keys: keys)
        let health = ["CMD", "/usr/local/bin/swiftlet"] + deployment.healthArguments + ["--ready"]
        var lines = [
            "  server:", "    image: \(Quoting.quoted(deployment.image))", "    command:",
            Quoting.items(Quoting.withoutVariables(arguments), indent: 6),
            "    restart: unless-stopped",
        ]
        if deployment.supply == .pull {
            lines += ["    depends_on:", "      pull:", "        condition: service_completed_successfully"]
        }
        lines += [
            "    ports:",
            "      # This machine only; without the address, every machine that reaches it.",
            "      - \"127.0.0.1:\(deployment.port):\(deployment.port)\"",
            restrictions,
            "    # The memory plan above, and no swap: a model that is read from disk at each step answers nobody.",
            "    mem_limit: \(size.limitMebibytes)m",
            "    memswap_limit: \(size.limitMebibytes)m",
            "    mem_reservation: \(size.requestMebibytes)m",
            "    cpus: \(deployment.cores)",
            "    healthcheck:",
            "      test: \(Quoting.list(health))",
            "      interval: 10s", "      timeout: 5s", "      retries: 3", "      start_period: 120s",
            "    # Running requests have \(deployment.drainSeconds) s (--drain) to end.",
            "    stop_grace_period: \(deployment.drainSeconds + 10)s",
            "    logging:", "      driver: json-file", "      options:", "        max-size: 10m",
            "        max-file: \"3\"",
        ]
        let mounts = volumes
        if !mounts.isEmpty { lines += ["    volumes:"] + mounts }
        return lines.joined(separator: "\n")
    }

    private var volumes: [String] {
        var lines = isBaked ? [] : ["      - library:\(Deployment.home)"]
        if !deployment.isInsecure {
            lines += [
                "      # The folder, not the file: a file that is replaced would stay the old one in the container.",
                "      - type: bind", "        source: ./keys", "        target: \(Deployment.keyFolder)",
                "        read_only: true", "        bind:", "          create_host_path: false",
            ]
        }
        return lines
    }

    private var restrictions: String {
        let written =
            isBaked ? "\n      - \(Deployment.home):size=256m,mode=0700,uid=\(Deployment.userID),noexec,nosuid" : ""
        return """
                user: "\(Deployment.userID):\(Deployment.userID)"
                read_only: true
                tmpfs:
                  - /tmp:size=64m,mode=1777,noexec,nosuid\(written)
                cap_drop:
                  - ALL
                security_opt:
                  - no-new-privileges:true
                pids_limit: 256
            """
    }
}
