/// What a page says of the field of its form that cannot be taken as it is.
///
/// The sentence stands below the field, which says so to programs that read pages aloud and has the cursor.
struct FieldFault {
    /// The field's name in the form.
    let field: String
    let sentence: String

    /// Nil if the refusal is about no field of the form.
    init?(_ problem: Problem) {
        guard let field = problem.field else { return nil }
        self.field = field
        sentence =
            switch field {
            case _ where problem.slug != "invalid-body": Self.words(of: problem)
            case "email": "This is not a whole e-mail address, as name@example.com is one."
            case "password": "A password has 10 to 200 characters."
            default: "A name has 1 to 120 characters. Some of them can be seen."
            }
    }

    /// What a page shows of a refusal: below a field if it is about one, at the top otherwise.
    static func values(_ problem: Problem) -> [String: Any] {
        if let fault = FieldFault(problem) { return ["\(fault.field)_fault": fault.sentence] }
        return ["notice": words(of: problem)]
    }

    private static func words(of problem: Problem) -> String {
        [problem.title, problem.detail].compactMap(\.self).joined(separator: " ")
    }

    /// In a template, what the element of a field says.
    static func marks(_ field: String) -> String {
        """
        {{#\(field)_fault}} aria-invalid="true" aria-describedby="\(field)-fault" autofocus{{/\(field)_fault}}
        """
    }

    /// In a template, the sentence below a field.
    static func sentence(_ field: String) -> String {
        """
        {{#\(field)_fault}}<p class="fault" id="\(field)-fault">{{\(field)_fault}}</p>{{/\(field)_fault}}
        """
    }
}
