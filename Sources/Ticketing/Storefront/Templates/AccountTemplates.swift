/// Sign-in, refusals, and the sandbox provider's page.
enum AccountTemplates {
    static let login = """
        {{<layout}}
        {{$title}}Sign in{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/login">
        <h1>Sign in</h1>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        <label>E-mail <input type="email" name="email" autocomplete="username" required maxlength="254"
        value="{{email}}"></label>
        <label>Password <input type="password" name="password" autocomplete="current-password" required
        maxlength="200"\(FieldFault.marks("password"))></label>\(FieldFault.sentence("password"))
        {{#next}}<input type="hidden" name="next" value="{{next}}">{{/next}}
        <button class="primary">Sign in</button>
        <p>No account? <a href="/register">Make one</a>. You can also buy without.
        <a href="/forgot">Forgot the password?</a></p>
        </form>
        {{/content}}
        {{/layout}}
        """

    static let register = """
        {{<layout}}
        {{$title}}Make an account{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/register">
        <h1>Make an account</h1>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        <label>Name <input name="name" dir="auto" autocomplete="name" required maxlength="120"
        value="{{name}}"\(FieldFault.marks("name"))></label>\(FieldFault.sentence("name"))
        <label>E-mail <input type="email" name="email" autocomplete="username" required maxlength="254"
        value="{{email}}"\(FieldFault.marks("email"))></label>\(FieldFault.sentence("email"))
        <label>Password <input type="password" name="password" autocomplete="new-password" required minlength="10"
        maxlength="200"\(FieldFault.marks("password"))></label>\(FieldFault.sentence("password"))
        <button class="primary">Make the account</button>
        </form>
        {{/content}}
        {{/layout}}
        """

    static let forgot = """
        {{<layout}}
        {{$title}}Forgot the password{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/forgot">
        <h1>Forgot the password</h1>
        {{#notice}}<p class="notice" role="status">{{notice}}</p>{{/notice}}
        <label>E-mail <input type="email" name="email" autocomplete="username" required maxlength="254"
        value="{{email}}"\(FieldFault.marks("email"))></label>\(FieldFault.sentence("email"))
        <button class="primary">Send a link</button>
        </form>
        {{/content}}
        {{/layout}}
        """

    static let reset = """
        {{<layout}}
        {{$title}}Choose a new password{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/reset">
        <h1>Choose a new password</h1>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        <input type="hidden" name="token" value="{{token}}">
        <label>Password <input type="password" name="password" autocomplete="new-password" required minlength="10"
        maxlength="200"\(FieldFault.marks("password"))></label>\(FieldFault.sentence("password"))
        <button class="primary">Set the password</button>
        </form>
        {{/content}}
        {{/layout}}
        """

    static let verify = """
        {{<layout}}
        {{$title}}Confirm your address{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/verify">
        <h1>Confirm your address</h1>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        <input type="hidden" name="token" value="{{token}}">
        <button class="primary">It is mine</button>
        </form>
        {{/content}}
        {{/layout}}
        """

    static let problem = """
        {{<layout}}
        {{$title}}{{title}}{{/title}}
        {{$content}}
        <div class="narrow">
        <h1>{{title}}</h1>
        {{#detail}}<p>{{detail}}</p>{{/detail}}
        {{#taken}}<p>Taken: {{taken}}</p>{{/taken}}
        <p>{{#is_login}}<a href="/login">Sign in</a> · {{/is_login}}<a href="/">See what's on</a></p>
        </div>
        {{/content}}
        {{/layout}}
        """

    static let pay = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Sandbox payments</title>
        <link rel="stylesheet" href="{{assets.app_css}}">
        <link rel="icon" href="{{assets.icon_svg}}" type="image/svg+xml">
        </head>
        <body class="psp">
        <main>
        <form class="narrow" method="post" action="/sandbox-psp/pay/{{reference}}">
        <p class="badge queue">Sandbox: no money moves</p>
        <h1>{{amount}}</h1>
        <p>{{label}}</p>
        {{#is_waiting}}
        <fieldset><legend>Test card</legend>
        {{#cards}}<label class="check"><input type="radio" name="card" value="{{value}}" required{{#first}}
        checked{{/first}}>
        <span><code>{{number}}</code> {{fate}}</span></label>{{/cards}}
        </fieldset>
        <button class="primary">Pay {{amount}}</button>
        {{/is_waiting}}
        {{^is_waiting}}<p>This payment is {{state}}.</p>{{/is_waiting}}
        <p><a href="{{back}}">Back to the shop</a></p>
        </form>
        </main>
        </body>
        </html>
        """
}
