/// What files are made for: one line a platform.
public enum Platform: String, Sendable, CaseIterable {
    case docker, compose, kubernetes, systemd

    /// Its files for a deployment, the one to read first in front. Throws `DeploymentError.Code.option` for what this
    /// platform does not take.
    public func files(for deployment: Deployment) throws(DeploymentError) -> [DeploymentFile] {
        try deployment.check()
        return switch self {
        case .docker: DockerFiles(deployment).all
        case .compose: ComposeFiles(deployment).all
        case .kubernetes: try KubernetesFiles(deployment).all
        case .systemd: try SystemdFiles(deployment).all
        }
    }
}
