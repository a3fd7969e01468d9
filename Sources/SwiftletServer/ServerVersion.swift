/// The version that the server tells its clients; the command line's own is the same.
public enum ServerVersion {
    public static let current = "0.1.0"
}
