extension WaitingLanguage {
    static let english = WaitingLanguage(
        code: "en",
        queuedTitle: "You are in line",
        queuedText: "Many people are here right now. Your place is safe: "
            + "you may reload or close this page and come back.",
        pausedTitle: "The line is paused",
        pausedText:
            "Nobody is being let in at the moment. Your place is kept, and the line goes on by itself.",
        fullTitle: "No more places",
        fullText: "The line is closed. There is no need to wait on this page.",
        readyTitle: "It is your turn",
        readyText: "One moment, we are taking you in.",
        ahead: "people ahead of you",
        number: "Your number",
        wait: "Expected wait",
        seconds: "about % seconds",
        minutes: "about % minutes",
        unknownWait: "not known yet",
        updates: "This page keeps itself up to date."
    )

    static let german = WaitingLanguage(
        code: "de",
        queuedTitle: "Sie stehen in der Warteschlange",
        queuedText: "Gerade sind sehr viele Menschen hier. Ihr Platz ist sicher: "
            + "Sie können die Seite neu laden oder schließen und wiederkommen.",
        pausedTitle: "Die Warteschlange ruht",
        pausedText:
            "Im Augenblick wird niemand eingelassen. Ihr Platz bleibt erhalten, und es geht von selbst weiter.",
        fullTitle: "Keine Plätze mehr",
        fullText:
            "Die Warteschlange ist geschlossen. Sie brauchen auf dieser Seite nicht zu warten.",
        readyTitle: "Sie sind an der Reihe",
        readyText: "Einen Moment, Sie werden eingelassen.",
        ahead: "Personen vor Ihnen",
        number: "Ihre Nummer",
        wait: "Voraussichtliche Wartezeit",
        seconds: "etwa % Sekunden",
        minutes: "etwa % Minuten",
        unknownWait: "noch nicht bekannt",
        updates: "Diese Seite aktualisiert sich selbst."
    )

    static let french = WaitingLanguage(
        code: "fr",
        queuedTitle: "Vous êtes dans la file d’attente",
        queuedText: "Il y a beaucoup de monde en ce moment. Votre place est gardée : "
            + "vous pouvez recharger ou fermer cette page et revenir.",
        pausedTitle: "La file est en pause",
        pausedText:
            "Personne n’entre pour le moment. Votre place est gardée et la file reprendra d’elle-même.",
        fullTitle: "Plus de places",
        fullText: "La file est fermée. Il est inutile d’attendre sur cette page.",
        readyTitle: "C’est votre tour",
        readyText: "Un instant, nous vous faisons entrer.",
        ahead: "personnes devant vous",
        number: "Votre numéro",
        wait: "Attente estimée",
        seconds: "environ % secondes",
        minutes: "environ % minutes",
        unknownWait: "pas encore connue",
        updates: "Cette page se met à jour toute seule."
    )

    static let spanish = WaitingLanguage(
        code: "es",
        queuedTitle: "Está en la cola",
        queuedText: "Ahora mismo hay mucha gente. Su lugar está guardado: "
            + "puede recargar o cerrar esta página y volver.",
        pausedTitle: "La cola está en pausa",
        pausedText:
            "De momento no entra nadie. Su lugar se conserva y la cola seguirá por sí sola.",
        fullTitle: "No quedan lugares",
        fullText: "La cola está cerrada. No hace falta esperar en esta página.",
        readyTitle: "Es su turno",
        readyText: "Un momento, le estamos dando paso.",
        ahead: "personas delante de usted",
        number: "Su número",
        wait: "Espera estimada",
        seconds: "unos % segundos",
        minutes: "unos % minutos",
        unknownWait: "aún no se sabe",
        updates: "Esta página se actualiza sola."
    )
}
