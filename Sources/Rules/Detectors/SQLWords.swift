/// Words of SQL, by what they can do in a statement.
enum SQLWords {
    static func token(_ word: String) -> SQLToken? { words[word] }

    /// Functions that have no place in a value, whatever stands around them.
    static func isTelltale(_ word: String) -> Bool {
        telltales.contains(word) || word.hasPrefix("dbms_") || word.hasPrefix("utl_")
            || word.hasPrefix("json_")
    }

    /// Names that have no place in a value.
    static func isTelltaleName(_ word: String) -> Bool {
        word == "xp_cmdshell" || word == "sp_password" || word.hasPrefix("information_schema")
    }

    /// Pairs of words that no prose has.
    static func isTelltale(_ first: String, _ second: String) -> Bool {
        switch (first, second) {
        case ("into", "outfile"), ("into", "dumpfile"), ("waitfor", "delay"), ("waitfor", "time"):
            true
        default: false
        }
    }

    /// Whether two words are one comparison, such as `not like`.
    static func isComparison(_ first: String, _ second: String) -> Bool {
        first == "is" && second == "not" || first == "not" && negated.contains(second)
    }

    private static let negated: Set<String> = [
        "like", "rlike", "regexp", "in", "between", "ilike", "similar",
    ]

    private static let words: [String: SQLToken] = {
        var words: [String: SQLToken] = [:]
        let groups: [(SQLToken.Kind, String)] = [
            (.setOperation, "union intersect except minus"),
            (
                .statement,
                "insert update delete drop create alter truncate exec execute declare merge replace grant "
                    + "revoke shutdown waitfor call handler load rename begin"
            ),
            (.logical, "and or xor"),
            (.comparison, "like rlike regexp between in is sounds ilike similar glob"),
            (.arithmetic, "div mod"),
            (.unary, "not binary distinct all any some"),
            (.clause, "having limit procedure order group offset"),
            (.from, "into"),
            (
                .variable,
                "null true false current_date current_time current_timestamp utc_date utc_time utc_timestamp "
                    + "localtime localtimestamp current_user session_user system_user sysdate rownum"
            ), (.function, functions),
        ]
        for (kind, list) in groups {
            for word in list.split(separator: " ") where words[String(word)] == nil {
                words[String(word)] = SQLToken(kind: kind)
            }
        }
        words["select"] = SQLToken(kind: .statement, detail: .select)
        words["from"] = SQLToken(kind: .from, detail: .from)
        words["where"] = SQLToken(kind: .from, detail: .where)
        words["if"] = SQLToken(kind: .function, detail: .if)
        words["case"] = SQLToken(kind: .word, detail: .case)
        words["when"] = SQLToken(kind: .word, detail: .when)
        words["then"] = SQLToken(kind: .word, detail: .then)
        words["between"] = SQLToken(kind: .comparison, detail: .between)
        words["null"] = SQLToken(kind: .variable, detail: .null)
        words["asc"] = SQLToken(kind: .word, detail: .desc)
        words["desc"] = SQLToken(kind: .word, detail: .desc)
        words["else"] = SQLToken(kind: .word)
        words["end"] = SQLToken(kind: .word)
        return words
    }()

    private static let functions = """
        sleep pg_sleep benchmark char chr nchar concat concat_ws group_concat substring substr mid ascii ord hex unhex \
        version database schema user load_file extractvalue updatexml exists ifnull nullif isnull coalesce cast \
        convert count sum min max avg length len md5 sha1 sha rand floor exp xmltype elt make_set field bin conv \
        randomblob sqlite_version pg_read_file row name_const polygon multipoint geometrycollection linestring \
        multilinestring multipolygon abs acos asin atan atan2 ceil ceiling cos cot crc32 degrees ln log log10 log2 pi \
        pow power radians round sign sin sqrt tan bit_length char_length character_length find_in_set format instr \
        lcase left lower lpad ltrim oct octet_length position quote repeat reverse right rpad rtrim soundex space \
        strcmp substring_index trim ucase upper now curdate curtime charset coercibility collation connection_id \
        found_rows last_insert_id row_count serverproperty object_id object_name db_name host_name is_srvrolemember \
        suser_name suser_sname col_name openrowset opendatasource current_setting query_to_xml database_to_xml \
        string_agg array_agg nvl nvl2 decode to_char to_number sys_context greatest least values timestampdiff \
        date_add date_sub adddate hour minute second dayname week year month day interval stddev std variance \
        bit_and bit_or bit_xor aes_encrypt aes_decrypt encode compress uncompress password inet_aton inet_ntoa uuid
        """

    private static let telltales: Set<String> = [
        "sleep", "pg_sleep", "benchmark", "load_file", "extractvalue", "updatexml", "group_concat",
        "xp_cmdshell", "sys_eval", "randomblob", "pg_read_file", "name_const",
    ]
}
