public import ArgumentParser
public import SwiftletDeployment

struct DeployKubernetesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubernetes",
        abstract: "Objects for a cluster: pods with the model's memory, who may reach them, how many there are to be.")

    @OptionGroup var arguments: DeployArguments
    @OptionGroup var image: ImageArguments

    @Option(help: ArgumentHelp("Namespace of all objects; made, too.", valueName: "name"))
    var namespace: String?

    @Option(help: ArgumentHelp("Replicas; with --autoscale the fewest.", valueName: "n"))
    var replicas = 1

    @Option(help: ArgumentHelp("The most replicas that --autoscale makes.", valueName: "n"))
    var maxReplicas = 4

    @Option(help: "What more replicas are made by when requests wait: none, keda or adapter (prometheus-adapter).")
    var autoscale = KubernetesOptions.Autoscaling.none

    @Option(help: ArgumentHelp("Waiting requests a replica from which on there are to be more.", valueName: "n"))
    var waitingPerReplica = 4

    @Option(help: ArgumentHelp("Where KEDA finds Prometheus.", valueName: "url"))
    var prometheus = KubernetesOptions().prometheusAddress

    @Flag(help: "No volumes that stay: each pod pulls the model anew.")
    var ephemeral = false

    @Option(help: ArgumentHelp("Storage class of the volumes (default: the cluster's).", valueName: "name"))
    var storageClass: String?

    @Flag(help: "Make a PodMonitor for the Prometheus Operator; autoscaling does so anyway.")
    var monitor = false

    func run() throws {
        var deployment = try arguments.deployment()
        try image.apply(to: &deployment)
        var options = KubernetesOptions()
        options.namespace = namespace
        options.replicas = replicas
        options.maxReplicas = max(maxReplicas, replicas)
        options.autoscaling = autoscale
        options.waitingPerReplica = waitingPerReplica
        options.prometheusAddress = prometheus
        options.isEphemeral = ephemeral
        options.storageClass = storageClass
        options.hasMonitor = monitor || autoscale != .none
        deployment.kubernetes = options
        try arguments.finish(.kubernetes, deployment)
    }
}

extension KubernetesOptions.Autoscaling: ExpressibleByArgument {}
