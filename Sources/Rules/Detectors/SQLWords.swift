/// Words of SQL, by what they can do in a statement.
enum SQLWords {
    static func token(_ word: String) -> SQLToken? { words[word] }

    /// Functions that have no place in a value, whatever stands around them.
    static func isTelltale(_ word: String) -> Bool { telltales.contains(word) }

    private static let words: [String: SQLToken] = {
        var words: [String: SQLToken] = [:]
        let groups: [(SQLToken, String)] = [
            (.setOperation, "union intersect except minus"),
            (
                .statement,
                "select insert update delete drop create alter truncate exec execute declare merge replace grant "
                    + "revoke shutdown waitfor call handler load rename begin"
            ),
            (.logical, "and or xor"),
            (.comparison, "like rlike regexp between in is sounds ilike similar"),
            (.arithmetic, "div mod"),
            (.clause, "having limit procedure order group offset"),
            (.from, "from into where"),
            (.number, "null true false"),
            (
                .function,
                "sleep pg_sleep benchmark char chr concat concat_ws group_concat substring substr mid ascii ord hex "
                    + "unhex version database schema user current_user session_user system_user load_file "
                    + "extractvalue updatexml exists if ifnull nullif isnull coalesce cast convert count sum min "
                    + "max avg length md5 sha1 rand floor exp xmltype dbms_pipe dbms_lock utl_inaddr utl_http "
                    + "sys_eval elt make_set field bin conv case randomblob sqlite_version pg_read_file row "
                    + "name_const polygon multipoint"
            ),
        ]
        for (token, list) in groups {
            for word in list.split(separator: " ") { words[String(word)] = token }
        }
        return words
    }()

    private static let telltales: Set<String> = [
        "sleep", "pg_sleep", "benchmark", "load_file", "extractvalue", "updatexml", "group_concat",
        "dbms_pipe",
        "dbms_lock",
        "utl_inaddr", "utl_http", "xp_cmdshell", "sys_eval", "randomblob", "pg_read_file",
        "name_const",
    ]
}
