/// Severities of rules, as syslog numbers them.
public enum Severity: Int, Sendable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, info, debug
}
