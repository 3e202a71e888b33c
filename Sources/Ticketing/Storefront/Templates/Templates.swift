/// All templates by name. Text is escaped by default; three braces are for markup that we made ourselves.
enum Templates {
    static let all = [
        ("layout", layout), ("events", EventTemplates.list), ("card", EventTemplates.card),
        ("event", EventTemplates.event),
        ("best", EventTemplates.best), ("held", OrderTemplates.held),
        ("checkout", OrderTemplates.checkout), ("lost", OrderTemplates.lost),
        ("order", OrderTemplates.order),
        ("orders", OrderTemplates.orders), ("seatlist", OrderTemplates.seats),
        ("login", AccountTemplates.login),
        ("register", AccountTemplates.register), ("problem", AccountTemplates.problem),
        ("pay", AccountTemplates.pay), ("forgot", AccountTemplates.forgot),
        ("reset", AccountTemplates.reset), ("verify", AccountTemplates.verify),
        ("admin", AdminTemplates.list), ("board", AdminTemplates.board),
        ("door", AdminTemplates.door),
    ]

    private static let layout = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{$title}}Tickets{{/title}} · BookmeHaniel</title>
        <link rel="stylesheet" href="{{assets.app_css}}">
        <link rel="icon" href="{{assets.icon_svg}}" type="image/svg+xml">
        {{$head}}{{/head}}
        </head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
        <a class="brand" href="/"><img src="{{assets.icon_svg}}" alt="" width="28" height="28"> BookmeHaniel</a>
        <nav aria-label="Main"><a href="/">Events</a> <a href="/orders">My orders</a>
        {{#is_house}}<a href="/admin">The house</a>{{/is_house}} {{#is_staff}}<a href="/door">The door</a>{{/is_staff}}
        {{#signed_in}}<form method="post" action="/logout"><button class="link">Sign out</button></form>{{/signed_in}}
        {{#guest}}<a href="/login">Sign in</a>{{/guest}}{{#anybody}}<a href="/account">Account</a>{{/anybody}}</nav>
        </header>
        <main id="main">
        {{$content}}{{/content}}
        </main>
        <footer><p>Seats are held for you while you pay. Nobody can buy the same seat twice.</p></footer>
        </body>
        </html>
        """
}
