extension WaitingLanguage {
    static let portuguese = builtIn(
        "pt",
        """
        queued_title: Está na fila
        queued_text: Há muita gente neste momento. O seu lugar está guardado: pode recarregar ou \
        fechar esta página e voltar.
        next_title: É o próximo
        next_text: Não há ninguém à sua frente: entra assim que houver lugar. Pode recarregar ou \
        fechar esta página e voltar.
        paused_title: A fila está em pausa
        paused_text: De momento não entra ninguém. O seu lugar está guardado e a fila continuará \
        por si.
        prequeue_title: Está registado
        prequeue_text: Quando a venda abrir, os lugares serão sorteados entre todos os \
        presentes. Chegar mais cedo não muda nada.
        early_title: Ainda não abriu
        early_text: A venda não começou. Esta página continuará por si.
        full_title: Não há mais lugares
        full_text: A fila está fechada. Não precisa de esperar nesta página.
        sold_out_title: Esgotado
        sold_out_text: Foi tudo vendido. Não precisa de esperar aqui; se algo voltar, a loja \
        dirá.
        maintenance_title: Voltamos já
        maintenance_text: A loja está em manutenção. Se tem um lugar, ele está guardado.
        held_title: Está quase na sua vez
        held_text: Muitas pessoas acabaram de entrar pela sua ligação, por isso algumas \
        outras passam primeiro. O seu lugar fica guardado.
        challenge_title: Só mais um momento
        challenge_text: O seu dispositivo está a acabar um pequeno cálculo que torna mais \
        caro tirar lugares às centenas. O seu lugar fica guardado.
        later_title: Volte mais tarde
        later_text: Foram tirados muitos lugares a partir da sua ligação. Esta página tenta de \
        novo sozinha.
        expired_title: Não tem lugar
        expired_text: Não tem lugar nesta fila, ou já não tem. Se abrir a página de novo, recebe um.
        ready_title: É a sua vez
        ready_text: Um momento, está a entrar.
        ahead: pessoas à sua frente
        ahead_one: pessoa à sua frente
        number: O seu número
        wait: Espera prevista
        opens: Abertura
        seconds: cerca de % segundos
        minutes: cerca de % minutos
        range: % a %
        unknown: ainda não se sabe
        remaining: Ainda disponíveis
        updates: Esta página atualiza-se sozinha.
        move: Passar o meu lugar para outro aparelho
        move_show: Mostrar um código
        move_code: Escreva este código no outro aparelho dentro de cinco minutos. Este aparelho \
        deixa então de ter o lugar.
        move_enter: Código do outro aparelho
        move_take: Ficar com o lugar
        move_wrong: Esse código não é válido ou já não o é.
        leave: Sair da fila
        leave_text: O seu lugar passa para outra pessoa. Se voltar, começa no fim.
        leave_stay: Manter o meu lugar
        left_title: Saiu da fila
        left_text: O seu lugar fica livre para outra pessoa. Obrigado por avisar.
        left_again: Voltar à fila
        proof_link: Continuar sem o cálculo
        proof_question: Quanto é % mais %?
        proof_hold: A resposta é aceite dentro de % segundos; o seu lugar fica guardado.
        proof_send: Continuar
        proof_wrong: Não estava certo. Tente de novo.
        """
    )

    static let dutch = builtIn(
        "nl",
        """
        queued_title: U staat in de rij
        queued_text: Er zijn nu heel veel mensen. Uw plaats is veilig: u kunt deze pagina \
        herladen of sluiten en terugkomen.
        next_title: U bent de volgende
        next_text: Er staat niemand meer voor u: u komt binnen zodra er plaats is. U kunt deze \
        pagina herladen of sluiten en terugkomen.
        paused_title: De rij staat stil
        paused_text: Op dit moment wordt niemand binnengelaten. Uw plaats blijft bewaard en de \
        rij gaat vanzelf verder.
        prequeue_title: U bent aangemeld
        prequeue_text: Als de verkoop begint, worden de plaatsen verloot onder iedereen die er \
        dan is. Eerder komen maakt niets uit.
        early_title: Nog niet open
        early_text: De verkoop is nog niet begonnen. Deze pagina gaat vanzelf verder.
        full_title: Geen plaatsen meer
        full_text: De rij is gesloten. U hoeft op deze pagina niet te wachten.
        sold_out_title: Uitverkocht
        sold_out_text: Alles is verkocht. U hoeft hier niet te wachten; komt er iets terug, dan \
        staat het in de winkel.
        maintenance_title: Zo terug
        maintenance_text: Er wordt aan de winkel gewerkt. Als u een plaats hebt, blijft die \
        bewaard.
        held_title: U bent bijna aan de beurt
        held_text: Via uw verbinding zijn net veel mensen binnengekomen, daarom gaan enkele \
        anderen voor. Uw plaats blijft behouden.
        challenge_title: Nog een ogenblik
        challenge_text: Uw apparaat maakt een kleine berekening af, die het duurder maakt om \
        plaatsen bij honderden te nemen. Uw plaats blijft behouden.
        later_title: Kom later terug
        later_text: Vanaf uw verbinding zijn zojuist veel plaatsen genomen. Deze pagina \
        probeert het vanzelf opnieuw.
        expired_title: U hebt geen plaats
        expired_text: U hebt in deze rij geen plaats, of niet meer. Als u de pagina opnieuw opent, krijgt \
        u er een.
        ready_title: U bent aan de beurt
        ready_text: Een ogenblik, u wordt binnengelaten.
        ahead: mensen voor u
        ahead_one: persoon voor u
        number: Uw nummer
        wait: Verwachte wachttijd
        opens: Opent
        seconds: ongeveer % seconden
        minutes: ongeveer % minuten
        range: % tot %
        unknown: nog niet bekend
        remaining: Nog beschikbaar
        updates: Deze pagina werkt zichzelf bij.
        move: Mijn plaats naar een ander apparaat verplaatsen
        move_show: Code tonen
        move_code: Typ deze code binnen vijf minuten op het andere apparaat. Dit apparaat heeft \
        de plaats dan niet meer.
        move_enter: Code van het andere apparaat
        move_take: Plaats overnemen
        move_wrong: Die code is niet geldig, of niet meer.
        leave: De rij verlaten
        leave_text: Uw plaats gaat naar iemand anders. Als u terugkomt, begint u achteraan.
        leave_stay: Mijn plaats houden
        left_title: U hebt de rij verlaten
        left_text: Uw plaats is vrij voor iemand anders. Dank u dat u het zegt.
        left_again: Weer in de rij gaan staan
        proof_link: Verder zonder de berekening
        proof_question: Hoeveel is % plus %?
        proof_hold: Het antwoord telt over % seconden; uw plaats blijft behouden.
        proof_send: Verder
        proof_wrong: Dat was niet goed. Probeer het nog eens.
        """
    )

    static let polish = builtIn(
        "pl",
        """
        queued_title: Jesteś w kolejce
        queued_text: Jest tu teraz bardzo dużo osób. Twoje miejsce jest bezpieczne: możesz \
        odświeżyć lub zamknąć tę stronę i wrócić.
        next_title: Następna kolej jest Twoja
        next_text: Nikogo nie ma przed Tobą: wejdziesz, gdy tylko będzie miejsce. Możesz \
        odświeżyć lub zamknąć tę stronę i wrócić.
        paused_title: Kolejka jest wstrzymana
        paused_text: W tej chwili nikt nie jest wpuszczany. Twoje miejsce jest zachowane, a \
        kolejka ruszy sama.
        prequeue_title: Jesteś na liście
        prequeue_text: Gdy sprzedaż się zacznie, miejsca zostaną rozlosowane wśród wszystkich \
        obecnych. Wcześniejsze przyjście niczego nie zmienia.
        early_title: Jeszcze zamknięte
        early_text: Sprzedaż jeszcze się nie zaczęła. Ta strona ruszy sama.
        full_title: Brak miejsc
        full_text: Kolejka jest zamknięta. Nie trzeba czekać na tej stronie.
        sold_out_title: Wyprzedane
        sold_out_text: Wszystko zostało sprzedane. Nie trzeba tu czekać; jeśli coś wróci, sklep \
        o tym napisze.
        maintenance_title: Zaraz wracamy
        maintenance_text: Trwają prace nad sklepem. Jeśli masz miejsce, jest zachowane.
        held_title: Jeszcze chwila
        held_text: Przez Twoje łącze weszło przed chwilą wiele osób, dlatego kilka innych \
        wejdzie wcześniej. Twoje miejsce jest zachowane.
        challenge_title: Jeszcze chwileczkę
        challenge_text: Twoje urządzenie kończy małe obliczenie, przez które zajmowanie setek \
        miejsc kosztuje więcej. Twoje miejsce jest zachowane.
        later_title: Wróć później
        later_text: Z twojego łącza zajęto właśnie wiele miejsc. Ta strona sama spróbuje ponownie.
        expired_title: Nie masz miejsca
        expired_text: Nie masz miejsca w tej kolejce albo już go nie masz. Otwórz stronę ponownie, a \
        dostaniesz nowe.
        ready_title: Twoja kolej
        ready_text: Chwileczkę, zaraz wejdziesz.
        ahead: liczba osób przed Tobą
        ahead_one: osoba przed Tobą
        number: Twój numer
        wait: Przewidywany czas
        opens: Otwarcie
        seconds: około % sekund
        minutes: około % minut
        range: od % do %
        unknown: jeszcze nieznany
        remaining: Jeszcze dostępne
        updates: Ta strona odświeża się sama.
        move: Przenieś moje miejsce na inne urządzenie
        move_show: Pokaż kod
        move_code: Wpisz ten kod na drugim urządzeniu w ciągu pięciu minut. To urządzenie nie \
        będzie już miało miejsca.
        move_enter: Kod z drugiego urządzenia
        move_take: Przejmij miejsce
        move_wrong: Ten kod nie jest ważny albo już nie jest.
        leave: Opuść kolejkę
        leave_text: Twoje miejsce przejdzie na kogoś innego. Jeśli wrócisz, zaczniesz od końca.
        leave_stay: Zachowaj moje miejsce
        left_title: Nie jesteś już w kolejce
        left_text: Twoje miejsce jest wolne dla kogoś innego. Dziękujemy za wiadomość.
        left_again: Stań w kolejce ponownie
        proof_link: Dalej bez obliczenia
        proof_question: Ile jest % plus %?
        proof_hold: Odpowiedź zostanie przyjęta za % sekund; Twoje miejsce jest zachowane.
        proof_send: Dalej
        proof_wrong: To nie było dobrze. Spróbuj jeszcze raz.
        """
    )

    static let czech = builtIn(
        "cs",
        """
        queued_title: Jste ve frontě
        queued_text: Právě je tu velmi mnoho lidí. Vaše místo je v bezpečí: stránku můžete \
        obnovit nebo zavřít a vrátit se.
        next_title: Jste další na řadě
        next_text: Před vámi už nikdo není: vejdete, jakmile bude místo. Stránku můžete obnovit \
        nebo zavřít a vrátit se.
        paused_title: Fronta stojí
        paused_text: Teď nikdo nevchází. Vaše místo zůstává a fronta se rozjede sama.
        prequeue_title: Jste zapsáni
        prequeue_text: Až prodej začne, místa se rozlosují mezi všechny, kdo tu budou. Přijít \
        dříve nic nezmění.
        early_title: Ještě není otevřeno
        early_text: Prodej ještě nezačal. Tato stránka bude pokračovat sama.
        full_title: Žádná další místa
        full_text: Fronta je uzavřena. Na této stránce není třeba čekat.
        sold_out_title: Vyprodáno
        sold_out_text: Vše je prodáno. Není třeba tu čekat; když se něco vrátí, obchod to \
        oznámí.
        maintenance_title: Hned jsme zpět
        maintenance_text: Na obchodě se pracuje. Máte-li místo, zůstává vám.
        held_title: Už jste skoro na řadě
        held_text: Přes vaše připojení právě vešlo mnoho lidí, proto jdou někteří jiní dříve. \
        Vaše místo zůstává.
        challenge_title: Ještě okamžik
        challenge_text: Vaše zařízení dokončuje malý výpočet, který zdražuje zabírání míst po \
        stovkách. Vaše místo zůstává.
        later_title: Vraťte se později
        later_text: Z vašeho připojení bylo právě zabráno mnoho míst. Tato stránka to sama \
        zkusí znovu.
        expired_title: Nemáte místo
        expired_text: V této frontě nemáte místo, nebo už ho nemáte. Když stránku otevřete znovu, \
        dostanete nové.
        ready_title: Jste na řadě
        ready_text: Okamžik, pouštíme vás dál.
        ahead: počet lidí před vámi
        ahead_one: člověk před vámi
        number: Vaše číslo
        wait: Předpokládané čekání
        opens: Otevření
        seconds: asi % sekund
        minutes: asi % minut
        range: % až %
        unknown: zatím neznámé
        remaining: Ještě k dispozici
        updates: Tato stránka se obnovuje sama.
        move: Přenést mé místo na jiné zařízení
        move_show: Zobrazit kód
        move_code: Zadejte tento kód na druhém zařízení do pěti minut. Toto zařízení pak už \
        místo mít nebude.
        move_enter: Kód z druhého zařízení
        move_take: Převzít místo
        move_wrong: Tento kód neplatí, nebo už neplatí.
        leave: Opustit frontu
        leave_text: Vaše místo dostane někdo jiný. Když se vrátíte, začnete na konci.
        leave_stay: Nechat si místo
        left_title: Opustili jste frontu
        left_text: Vaše místo je volné pro někoho jiného. Děkujeme za zprávu.
        left_again: Znovu se postavit do fronty
        proof_link: Pokračovat bez výpočtu
        proof_question: Kolik je % plus %?
        proof_hold: Odpověď se přijme za % sekund; vaše místo zůstává.
        proof_send: Pokračovat
        proof_wrong: To nebylo správně. Zkuste to znovu.
        """
    )

    static let japanese = builtIn(
        "ja",
        """
        queued_title: 順番をお待ちください
        queued_text: ただいま大変混み合っています。順番は保たれます。再読み込みしても、閉じて戻ってきても変わりません。
        next_title: 次はあなたの番です
        next_text: 前には誰もいません。空きができしだいご案内します。再読み込みしても、閉じて戻ってきても順番は変わりません。
        paused_title: 一時停止しています
        paused_text: 現在どなたもご案内していません。順番は保たれ、自動的に再開します。
        prequeue_title: 受け付けました
        prequeue_text: 販売開始時に、それまでにお越しの全員の中から抽選で順番を決めます。早く来ても順番は変わりません。
        early_title: まだ始まっていません
        early_text: 販売はまだ始まっていません。始まると自動的に進みます。
        full_title: 受付を終了しました
        full_text: 列は締め切られました。このページでお待ちになる必要はありません。
        sold_out_title: 完売しました
        sold_out_text: すべて売り切れました。ここでお待ちになる必要はありません。戻りが出た場合はショップでお知らせします。
        maintenance_title: まもなく再開します
        maintenance_text: ただいま作業中です。順番をお持ちの方はそのまま保たれます。
        held_title: まもなく順番です
        held_text: お使いの回線から多くの方が入場したため、ほかの方を先にご案内しています。順番はそのままです。
        challenge_title: もう少しお待ちください
        challenge_text: お使いの端末で小さな計算を終えています。順番を大量に取ることを難しくするためのものです。順番はそのままです。
        later_title: しばらくしてからお越しください
        later_text: お使いの回線から多くの順番が取られました。このページは自動的に再試行します。
        expired_title: 順番待ちの番号がありません
        expired_text: この列での順番がないか、すでに無効です。ページを開き直すと新しい順番が発行されます。
        ready_title: 順番が来ました
        ready_text: 少々お待ちください。ご案内しています。
        ahead: 人が前にいます
        ahead_one: 人が前にいます
        number: 整理番号
        wait: 予想待ち時間
        opens: 開始
        seconds: 約%秒
        minutes: 約%分
        range: %〜%
        unknown: まだ分かりません
        remaining: 残り
        updates: このページは自動的に更新されます。
        move: 自分の順番を別の端末に移す
        move_show: コードを表示する
        move_code: 5分以内に、もう一方の端末でこのコードを入力してください。この端末からは順番がなくなります。
        move_enter: もう一方の端末のコード
        move_take: 順番を引き継ぐ
        move_wrong: このコードは無効です。
        leave: 列を離れる
        leave_text: あなたの順番はほかの方に移ります。戻ってきた場合は最後尾からになります。
        leave_stay: 順番を保つ
        left_title: 列を離れました
        left_text: あなたの順番はほかの方に譲られました。お知らせいただきありがとうございます。
        left_again: もう一度並ぶ
        proof_link: 計算なしで進む
        proof_question: %足す%はいくつですか。
        proof_hold: 回答は%秒後に受け付けます。順番はそのままです。
        proof_send: 進む
        proof_wrong: 正しくありません。もう一度お試しください。
        """
    )
}
