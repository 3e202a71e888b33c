extension WaitingLanguage {
    /// The languages that the page speaks by itself, the first for those who speak none of them.
    static let all = [
        english, german, french, spanish, italian, portuguese, dutch, polish, czech, japanese,
    ]

    static func builtIn(_ code: String, _ text: String) -> WaitingLanguage {
        var problems: [FileProblem] = []
        return WaitingLanguage(code: code, text: text, problems: &problems)
    }

    static let english = builtIn(
        "en",
        """
        queued_title: You are in line
        queued_text: Many people are here right now. Your place is safe: you may reload or close \
        this page and come back.
        next_title: You are next
        next_text: Nobody is ahead of you: you come in as soon as there is room. You may reload \
        or close this page and come back.
        paused_title: The line is paused
        paused_text: Nobody is being let in at the moment. Your place is kept, and the line goes \
        on by itself.
        prequeue_title: You are registered
        prequeue_text: When the sale opens, everybody who is here by then gets a place by lot. \
        Coming earlier changes nothing.
        early_title: Not open yet
        early_text: The sale has not begun. This page goes on by itself when it does.
        full_title: No more places
        full_text: The line is closed. There is no need to wait on this page.
        sold_out_title: Sold out
        sold_out_text: Everything has been sold. There is no need to wait on this page; if \
        something comes back, the shop will say so.
        maintenance_title: Back soon
        maintenance_text: The shop is being worked on. If you have a place, it is kept.
        held_title: You are nearly in
        held_text: Many people came in over your connection just now, so some others go \
        first. Your place is kept.
        challenge_title: One more moment
        challenge_text: Your computer is finishing a small calculation that makes it dearer \
        to take places by the hundred. Your place is kept.
        later_title: Please come back later
        later_text: Many places were taken from your connection just now. This page tries again \
        by itself.
        expired_title: You have no place
        expired_text: You have no place in this line, or not any more. Opening the page again gives you a \
        new one.
        ready_title: It is your turn
        ready_text: One moment, we are taking you in.
        ahead: people ahead of you
        ahead_one: person ahead of you
        number: Your number
        wait: Expected wait
        opens: Opens
        seconds: about % seconds
        minutes: about % minutes
        range: % to %
        unknown: not known yet
        remaining: Still available
        updates: This page keeps itself up to date.
        move: Move my place to another device
        move_show: Show a code
        move_code: Type this code on the other device within five minutes. This device then has \
        the place no more.
        move_enter: Code from the other device
        move_take: Take over the place
        move_wrong: That code is not good, or not any more.
        leave: Leave the line
        leave_text: Your place goes to somebody else. If you come back, you start at the end.
        leave_stay: Keep my place
        left_title: You have left the line
        left_text: Your place is free for somebody else. Thank you for saying so.
        left_again: Stand in line again
        proof_link: Go on without the calculation
        proof_question: How much is % plus %?
        proof_hold: The answer is taken in % seconds; your place is kept.
        proof_send: Go on
        proof_wrong: That was not right. Please try again.
        """
    )

    static let german = builtIn(
        "de",
        """
        queued_title: Sie stehen in der Warteschlange
        queued_text: Gerade sind sehr viele Menschen hier. Ihr Platz ist sicher: Sie können die \
        Seite neu laden oder schließen und wiederkommen.
        next_title: Sie sind als Nächstes an der Reihe
        next_text: Vor Ihnen steht niemand mehr: Sie kommen hinein, sobald Platz ist. Sie können \
        die Seite neu laden oder schließen und wiederkommen.
        paused_title: Die Warteschlange ruht
        paused_text: Im Augenblick wird niemand eingelassen. Ihr Platz bleibt erhalten, und es \
        geht von selbst weiter.
        prequeue_title: Sie sind vorgemerkt
        prequeue_text: Wenn der Verkauf beginnt, werden die Plätze unter allen ausgelost, die \
        bis dahin hier sind. Früher zu kommen ändert nichts.
        early_title: Noch nicht geöffnet
        early_text: Der Verkauf hat noch nicht begonnen. Diese Seite geht von selbst weiter.
        full_title: Keine Plätze mehr
        full_text: Die Warteschlange ist geschlossen. Sie brauchen auf dieser Seite nicht zu \
        warten.
        sold_out_title: Ausverkauft
        sold_out_text: Es ist alles verkauft. Sie brauchen hier nicht zu warten; kommt etwas \
        zurück, steht es im Shop.
        maintenance_title: Gleich wieder da
        maintenance_text: Am Shop wird gearbeitet. Wenn Sie einen Platz haben, bleibt er \
        erhalten.
        held_title: Sie sind gleich an der Reihe
        held_text: Über Ihren Anschluss kamen gerade viele herein, darum gehen einige andere \
        vor. Ihr Platz bleibt erhalten.
        challenge_title: Einen Augenblick noch
        challenge_text: Ihr Gerät beendet eine kleine Rechnung, die es teurer macht, Plätze \
        zu Hunderten zu nehmen. Ihr Platz bleibt erhalten.
        later_title: Bitte kommen Sie später wieder
        later_text: Von Ihrem Anschluss wurden eben viele Plätze genommen. Diese Seite versucht \
        es von selbst wieder.
        expired_title: Sie haben keinen Platz
        expired_text: Sie haben in dieser Schlange keinen Platz oder keinen mehr. Wenn Sie die Seite neu \
        öffnen, bekommen Sie einen.
        ready_title: Sie sind an der Reihe
        ready_text: Einen Moment, Sie werden eingelassen.
        ahead: Personen vor Ihnen
        ahead_one: Person vor Ihnen
        number: Ihre Nummer
        wait: Voraussichtliche Wartezeit
        opens: Beginn
        seconds: etwa % Sekunden
        minutes: etwa % Minuten
        range: % bis %
        unknown: noch nicht bekannt
        remaining: Noch verfügbar
        updates: Diese Seite aktualisiert sich selbst.
        move: Meinen Platz auf ein anderes Gerät mitnehmen
        move_show: Code anzeigen
        move_code: Geben Sie diesen Code innerhalb von fünf Minuten auf dem anderen Gerät ein. \
        Dieses Gerät hat den Platz dann nicht mehr.
        move_enter: Code vom anderen Gerät
        move_take: Platz übernehmen
        move_wrong: Dieser Code gilt nicht oder nicht mehr.
        leave: Die Warteschlange verlassen
        leave_text: Ihr Platz geht an jemand anderen. Wenn Sie wiederkommen, stehen Sie am Ende.
        leave_stay: Meinen Platz behalten
        left_title: Sie haben die Warteschlange verlassen
        left_text: Ihr Platz ist für jemand anderen frei. Danke für die Nachricht.
        left_again: Wieder anstellen
        proof_link: Ohne die Rechnung weiter
        proof_question: Wie viel ist % plus %?
        proof_hold: Die Antwort gilt in % Sekunden; Ihr Platz bleibt erhalten.
        proof_send: Weiter
        proof_wrong: Das war nicht richtig. Bitte versuchen Sie es noch einmal.
        """
    )

    static let french = builtIn(
        "fr",
        """
        queued_title: Vous êtes dans la file d’attente
        queued_text: Il y a beaucoup de monde en ce moment. Votre place est gardée : vous pouvez \
        recharger ou fermer cette page et revenir.
        next_title: Vous êtes le prochain
        next_text: Personne n’est devant vous : vous entrerez dès qu’il y aura de la place. Vous \
        pouvez recharger ou fermer cette page et revenir.
        paused_title: La file est en pause
        paused_text: Personne n’entre pour le moment. Votre place est gardée et la file \
        reprendra d’elle-même.
        prequeue_title: Vous êtes inscrit
        prequeue_text: À l’ouverture, les places seront tirées au sort entre toutes les \
        personnes présentes. Venir plus tôt ne change rien.
        early_title: Pas encore ouvert
        early_text: La vente n’a pas commencé. Cette page continuera d’elle-même.
        full_title: Plus de places
        full_text: La file est fermée. Il est inutile d’attendre sur cette page.
        sold_out_title: Complet
        sold_out_text: Tout est vendu. Il est inutile d’attendre ici ; si des billets \
        reviennent, la boutique l’indiquera.
        maintenance_title: De retour bientôt
        maintenance_text: La boutique est en maintenance. Si vous avez une place, elle est \
        gardée.
        held_title: C’est bientôt à vous
        held_text: Beaucoup de personnes viennent d’entrer par votre connexion ; quelques \
        autres passent donc d’abord. Votre place est gardée.
        challenge_title: Encore un instant
        challenge_text: Votre appareil termine un petit calcul, qui rend plus coûteux de \
        prendre des places par centaines. Votre place est gardée.
        later_title: Revenez un peu plus tard
        later_text: Beaucoup de places viennent d’être prises depuis votre connexion. Cette \
        page réessaie toute seule.
        expired_title: Vous n’avez pas de place
        expired_text: Vous n’avez pas de place dans cette file, ou plus. En rouvrant la page, vous en \
        recevrez une.
        ready_title: C’est votre tour
        ready_text: Un instant, nous vous faisons entrer.
        ahead: personnes devant vous
        ahead_one: personne devant vous
        number: Votre numéro
        wait: Attente estimée
        opens: Ouverture
        seconds: environ % secondes
        minutes: environ % minutes
        range: % à %
        unknown: pas encore connue
        remaining: Encore disponibles
        updates: Cette page se met à jour toute seule.
        move: Transférer ma place sur un autre appareil
        move_show: Afficher un code
        move_code: Saisissez ce code sur l’autre appareil dans les cinq minutes. Cet \
        appareil-ci n’aura alors plus la place.
        move_enter: Code de l’autre appareil
        move_take: Reprendre la place
        move_wrong: Ce code n’est pas valable, ou ne l’est plus.
        leave: Quitter la file
        leave_text: Votre place ira à quelqu’un d’autre. Si vous revenez, vous serez au bout de \
        la file.
        leave_stay: Garder ma place
        left_title: Vous avez quitté la file
        left_text: Votre place est libre pour quelqu’un d’autre. Merci de l’avoir signalé.
        left_again: Reprendre la file
        proof_link: Continuer sans ce calcul
        proof_question: Combien font % plus % ?
        proof_hold: La réponse sera acceptée dans % secondes ; votre place est gardée.
        proof_send: Continuer
        proof_wrong: Ce n’était pas juste. Veuillez réessayer.
        """
    )

    static let spanish = builtIn(
        "es",
        """
        queued_title: Está en la cola
        queued_text: Ahora mismo hay mucha gente. Su lugar está guardado: puede recargar o \
        cerrar esta página y volver.
        next_title: Usted es el siguiente
        next_text: No hay nadie delante de usted: entrará en cuanto haya sitio. Puede recargar o \
        cerrar esta página y volver.
        paused_title: La cola está en pausa
        paused_text: De momento no entra nadie. Su lugar se conserva y la cola seguirá por sí \
        sola.
        prequeue_title: Está registrado
        prequeue_text: Cuando empiece la venta, los lugares se sortearán entre todos los \
        presentes. Llegar antes no cambia nada.
        early_title: Aún no está abierto
        early_text: La venta no ha comenzado. Esta página seguirá por sí sola.
        full_title: No quedan lugares
        full_text: La cola está cerrada. No hace falta esperar en esta página.
        sold_out_title: Agotado
        sold_out_text: Se ha vendido todo. No hace falta esperar aquí; si algo vuelve, la tienda \
        lo dirá.
        maintenance_title: Volvemos pronto
        maintenance_text: La tienda está en mantenimiento. Si tiene un lugar, se conserva.
        held_title: Ya casi es su turno
        held_text: Han entrado muchas personas por su conexión, así que algunas otras pasan \
        antes. Su lugar se mantiene.
        challenge_title: Un momento más
        challenge_text: Su dispositivo está terminando un pequeño cálculo que encarece tomar \
        lugares por cientos. Su lugar se mantiene.
        later_title: Vuelva más tarde
        later_text: Se han tomado muchos lugares desde su conexión. Esta página lo intenta de \
        nuevo sola.
        expired_title: No tiene lugar
        expired_text: No tiene lugar en esta fila, o ya no lo tiene. Si abre la página de nuevo recibirá uno.
        ready_title: Es su turno
        ready_text: Un momento, le estamos dando paso.
        ahead: personas delante de usted
        ahead_one: persona delante de usted
        number: Su número
        wait: Espera estimada
        opens: Apertura
        seconds: unos % segundos
        minutes: unos % minutos
        range: % a %
        unknown: aún no se sabe
        remaining: Aún disponibles
        updates: Esta página se actualiza sola.
        move: Pasar mi lugar a otro dispositivo
        move_show: Mostrar un código
        move_code: Escriba este código en el otro dispositivo antes de cinco minutos. Este \
        dispositivo dejará de tener el lugar.
        move_enter: Código del otro dispositivo
        move_take: Tomar el lugar
        move_wrong: Ese código no es válido o ya no lo es.
        leave: Dejar la cola
        leave_text: Su lugar será para otra persona. Si vuelve, empezará al final.
        leave_stay: Conservar mi lugar
        left_title: Ha dejado la cola
        left_text: Su lugar queda libre para otra persona. Gracias por avisar.
        left_again: Volver a la cola
        proof_link: Seguir sin el cálculo
        proof_question: ¿Cuánto es % más %?
        proof_hold: La respuesta se aceptará en % segundos; su lugar se mantiene.
        proof_send: Seguir
        proof_wrong: No era correcto. Inténtelo de nuevo.
        """
    )

    static let italian = builtIn(
        "it",
        """
        queued_title: Siete in coda
        queued_text: In questo momento ci sono molte persone. Il vostro posto è al sicuro: \
        potete ricaricare o chiudere questa pagina e tornare.
        next_title: Siete i prossimi
        next_text: Davanti a voi non c’è nessuno: entrerete appena ci sarà posto. Potete \
        ricaricare o chiudere questa pagina e tornare.
        paused_title: La coda è in pausa
        paused_text: Al momento non entra nessuno. Il vostro posto è conservato e la coda \
        riprenderà da sola.
        prequeue_title: Siete registrati
        prequeue_text: All’apertura i posti saranno sorteggiati tra tutti i presenti. Arrivare \
        prima non cambia nulla.
        early_title: Non ancora aperto
        early_text: La vendita non è iniziata. Questa pagina proseguirà da sola.
        full_title: Posti esauriti
        full_text: La coda è chiusa. Non serve aspettare su questa pagina.
        sold_out_title: Tutto esaurito
        sold_out_text: È stato venduto tutto. Non serve aspettare qui; se qualcosa torna \
        disponibile, il negozio lo dirà.
        maintenance_title: Torniamo presto
        maintenance_text: Il negozio è in manutenzione. Se avete un posto, è conservato.
        held_title: È quasi il vostro turno
        held_text: Molte persone sono appena entrate dalla vostra connessione, perciò alcune \
        altre passano prima. Il vostro posto è conservato.
        challenge_title: Ancora un momento
        challenge_text: Il vostro dispositivo sta finendo un piccolo calcolo che rende più \
        costoso prendere posti a centinaia. Il vostro posto è conservato.
        later_title: Torni più tardi
        later_text: Dalla sua connessione sono stati presi molti posti. Questa pagina riprova \
        da sola.
        expired_title: Non avete un posto
        expired_text: Non avete un posto in questa fila, o non più. Riaprendo la pagina ne riceverete uno.
        ready_title: È il vostro turno
        ready_text: Un momento, vi facciamo entrare.
        ahead: persone davanti a voi
        ahead_one: persona davanti a voi
        number: Il vostro numero
        wait: Attesa prevista
        opens: Apertura
        seconds: circa % secondi
        minutes: circa % minuti
        range: % a %
        unknown: non ancora nota
        remaining: Ancora disponibili
        updates: Questa pagina si aggiorna da sola.
        move: Spostare il mio posto su un altro dispositivo
        move_show: Mostra un codice
        move_code: Digiti questo codice sull’altro dispositivo entro cinque minuti. Questo \
        dispositivo non avrà più il posto.
        move_enter: Codice dell’altro dispositivo
        move_take: Prendi il posto
        move_wrong: Questo codice non è valido o non lo è più.
        leave: Lasciare la coda
        leave_text: Il vostro posto andrà a qualcun altro. Se tornate, ricominciate dal fondo.
        leave_stay: Tenere il mio posto
        left_title: Avete lasciato la coda
        left_text: Il vostro posto è libero per qualcun altro. Grazie di averlo detto.
        left_again: Rimettersi in coda
        proof_link: Continuare senza il calcolo
        proof_question: Quanto fa % più %?
        proof_hold: La risposta sarà accettata fra % secondi; il vostro posto è conservato.
        proof_send: Continuare
        proof_wrong: Non era giusto. Riprovate.
        """
    )
}
