import SwiftletGround

/// What only a cluster has.
public struct KubernetesOptions: Sendable, Hashable {
    /// What the number of replicas follows: our queue, through the one or the other who gives Kubernetes such numbers.
    public enum Autoscaling: String, Sendable, CaseIterable {
        case none
        /// KEDA, which asks Prometheus itself.
        case keda
        /// A HorizontalPodAutoscaler, through prometheus-adapter.
        case adapter
    }

    /// Made, too, if it is not nil; else the objects go where kubectl puts them.
    public var namespace: String?
    public var replicas = 1
    /// With autoscaling.
    public var maxReplicas = 4
    public var autoscaling = Autoscaling.none
    /// Waiting requests for each replica from which on there are to be more.
    public var waitingPerReplica = 4
    /// Where KEDA finds Prometheus.
    public var prometheusAddress = "http://prometheus-operated.monitoring.svc:9090"
    /// Keeps the model as long as the pod lives, and in no PersistentVolumeClaim.
    public var isEphemeral = false
    /// Nil for the cluster's own.
    public var storageClass: String?
    /// Makes a PodMonitor, for the Prometheus Operator.
    public var hasMonitor = false

    public init() {}

    func check() throws(DeploymentError) {
        if let namespace { try Names.checkLabel(namespace, "--namespace") }
        if let storageClass { try Names.checkLabel(storageClass, "--storage-class") }
        guard (1...1000).contains(replicas), (replicas...1000).contains(maxReplicas) else {
            throw DeploymentError(
                .option, "must be from 1 to 1000, and no more than --max-replicas", at: "--replicas \(replicas)")
        }
        guard (1...100_000).contains(waitingPerReplica) else {
            throw DeploymentError(.option, "is not from 1 to 100000", at: "--waiting-per-replica \(waitingPerReplica)")
        }
        let address = /https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._\/-]*)?/
        guard prometheusAddress.wholeMatch(of: address) != nil else {
            throw DeploymentError(.option, "is no address of a Prometheus", at: "--prometheus")
        }
    }
}
