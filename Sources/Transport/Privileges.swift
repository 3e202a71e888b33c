import CLinux

/// What a process may still do.
public enum Privileges {
    /// Becomes the user for good.
    ///
    /// - Throws: `SystemError` if there is no such user, or this one may not become it.
    public static func become(_ user: String) throws(SystemError) {
        let result = unsafe bmh_become_user(user)
        guard result == 0 else { throw SystemError(call: "become \(user)", code: result) }
    }

    /// Never gains a privilege again, nor does any program started from here.
    public static func refuseMore() { _ = bmh_refuse_new_privileges() }
}
