/// The storefront's one style sheet.
enum StyleSheet {
    static let text = """
        :root{--paper:#fbf9f6;--card:#fff;--ink:#23201d;--soft:#6b645c;--line:#e4ded5;--accent:#8f2d56;
        --on-accent:#fff;
        --good:#2f7d4f;--warn:#a5600f;--gone:#cfc8be;--focus:#1c6dd0;--shadow:0 1px 3px rgb(60 40 20/.12)}
        @media(prefers-color-scheme:dark){:root{--paper:#171513;--card:#211e1b;--ink:#f1ece5;--soft:#a89f94;
        --line:#38332e;
        --accent:#d9668f;--on-accent:#1d0a12;--good:#6cc08b;--warn:#e0a458;--gone:#4a443d;--focus:#7ab2ff;
        --shadow:none}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"Segoe UI",Roboto,sans-serif}
        h1,h2,h3{line-height:1.2;text-wrap:balance}
        h1,h2,h3,p,li,dd,td:first-child,th:first-child,#chosen span{overflow-wrap:anywhere}
        .columns>*,.card,.ticket>*{min-width:0}
        .map details{margin-top:.8rem}
        .cards~h2{margin-top:2rem}
        .primary+.link{margin-top:.8rem}
        .own{color:var(--soft);font-size:.93rem}
        h1{font-size:clamp(1.7rem,4vw,2.6rem);letter-spacing:-.02em;margin:.2em 0 .5em}
        h2{font-size:1.25rem;margin:0 0 .6em}
        h3{font-size:1.05rem;margin:0 0 .3em}
        a{color:var(--accent);text-underline-offset:.2em}
        :focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
        .skip{position:absolute;left:-99rem}
        .skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:2}
        .bar{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.5rem 2rem;
        padding:.8rem clamp(1rem,4vw,3rem);border-bottom:1px solid var(--line);background:var(--card)}
        .brand{display:flex;align-items:center;gap:.6rem;font-weight:700;color:var(--ink);text-decoration:none}
        nav{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.3rem}
        nav a{color:var(--ink);text-decoration:none}
        nav a:hover{text-decoration:underline}
        main{max-width:72rem;margin:0 auto;
        padding:1.5rem clamp(1rem,4vw,3rem) 4rem}
        footer{border-top:1px solid var(--line);color:var(--soft);font-size:.9rem;text-align:center;
        padding:1rem}
        .cards{list-style:none;margin:0;padding:0;display:grid;gap:1rem;
        grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr))}
        .card{position:relative;background:var(--card);border:1px solid var(--line);border-radius:12px;
        padding:1.1rem 1.2rem;
        box-shadow:var(--shadow);display:flex;flex-direction:column}
        .card:hover{border-color:var(--accent)}
        .card h2 a{color:inherit;text-decoration:none}
        .card h2 a::after{content:"";position:absolute;inset:0}
        .card.over,.card.cancelled{background:none;box-shadow:none}
        .card p{margin:.1rem 0}
        .when{color:var(--accent);font-weight:600;font-size:.92rem;margin:0 0 .3rem}
        .where{color:var(--soft)}
        .foot{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-top:auto!important;padding-top:.9rem}
        .price{font-variant-numeric:tabular-nums;font-weight:600}
        .badge{display:inline-block;border-radius:99px;padding:.1rem .7rem;font-size:.82rem;font-weight:600;
        border:1px solid currentColor;color:var(--soft)}
        .badge.good{color:var(--good)}
        .badge.warn,.badge.queue{color:var(--warn)}
        .hero{max-width:46rem;margin-bottom:1.5rem}
        .lead{font-size:1.15rem;color:var(--soft);white-space:pre-line}
        .columns{display:grid;gap:2rem;grid-template-columns:minmax(0,1fr) 20rem;align-items:start}
        .rail{background:var(--card);
        border:1px solid var(--line);border-radius:12px;padding:1.2rem;box-shadow:var(--shadow);
        position:sticky;top:1rem}
        .rail form:not([hidden])+form{border-top:1px solid var(--line);margin-top:1.2rem;padding-top:1.2rem}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;padding:0;margin:0 0
        1rem;font-size:.92rem}
        .legend svg{width:.8rem;height:.8rem}
        .gone{fill:var(--gone)}
        .drawing{height:auto;background:var(--card);
        border:1px solid var(--line);border-radius:12px;
        padding:.5rem;touch-action:manipulation}
        .drawing:not([width]){width:100%}
        .drawing{display:block;max-height:78vh}
        .drawing[width]{min-width:calc(100% - 1rem - 2px);max-height:none;box-sizing:content-box}
        .scroll{overflow-x:auto}
        @media(min-width:75rem) and (pointer:fine){
        .drawing[width]{width:100%;box-sizing:border-box}}
        .still .drawing[width]{width:100%;max-height:78vh;box-sizing:border-box}
        @media(scripting:none){.drawing[width]{width:100%;box-sizing:border-box}}
        .sideways{display:none;color:var(--soft);font-size:.92rem;margin:0 0 .4rem}
        @media not all and (min-width:75rem) and (pointer:fine){@media(scripting:enabled){
        .wide:not(.still,.fits) .sideways{display:block}}}
        .drawing text{fill:var(--soft);font-family:inherit;text-anchor:middle}
        .stage{fill:var(--line)}
        .seat.s1,.seat.s2,.seat.s3{fill:var(--gone)}
        .live .seat.s0{cursor:pointer}
        .live .seat.s0:hover,.seat:focus-visible{stroke:var(--ink);stroke-width:1.4;outline:none}
        .seat.mine{fill:var(--ink);stroke:var(--accent);stroke-width:2}
        .block path{stroke:var(--card);stroke-width:2}
        .block:hover path,.block:focus-visible path{stroke:var(--ink)}
        .block:focus-visible{outline:none}
        .block text{fill:#fff;font-weight:600;pointer-events:none}
        .a0 path{fill:var(--gone)}
        .a1 path{opacity:.45}
        .a2 path{opacity:.65}
        .a3 path{opacity:.82}
        label{display:block;margin:.7rem 0;font-size:.93rem;color:var(--soft)}
        label.check{display:flex;gap:.6rem;align-items:baseline;color:var(--ink)}
        input:not([type=checkbox],[type=radio]),select{display:block;width:100%;margin-top:.25rem;
        padding:.6rem .7rem;font:inherit;
        color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:8px}
        input[aria-invalid]:not([type=checkbox],[type=radio]){border-color:var(--warn)}
        .fault{color:var(--warn);font-weight:600;font-size:.93rem;margin:-.4rem 0 .7rem}
        fieldset{border:1px solid var(--line);border-radius:8px;margin:1rem 0}
        button{font:inherit;font-weight:600;padding:.65rem 1.2rem;border-radius:8px;border:1px solid var(--line);
        background:var(--card);color:var(--ink);cursor:pointer}
        button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent);width:100%}
        button.primary:hover{filter:brightness(1.08)}
        button:disabled{opacity:.45;cursor:not-allowed}
        button.link{border:0;background:none;padding:0;font-weight:400;color:var(--accent);text-decoration:underline}
        #chosen{list-style:none;padding:0;margin:0 0 .6rem}
        #chosen li{display:flex;justify-content:space-between;gap:1rem;padding:.25rem 0;border-bottom:1px solid
        var(--line)}
        #basket{margin:0 0 .8rem}
        #basket summary{font-weight:700;font-variant-numeric:tabular-nums;cursor:pointer;padding:.3rem 0}
        #said{margin:0 0 .5rem;font-weight:600;color:var(--warn)}
        #said:empty{display:none}
        .notice{border-left:4px solid var(--warn);background:var(--card);padding:.7rem 1rem;border-radius:0 8px 8px 0}
        .timer{font-variant-numeric:tabular-nums;font-weight:600}
        table{width:100%;border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.45rem .3rem;border-bottom:1px solid var(--line)}
        td+td,th+th,tfoot td{text-align:right}
        tfoot{font-weight:700}
        .narrow{max-width:26rem;margin:1rem auto;background:var(--card);
        border:1px solid var(--line);border-radius:12px;
        padding:1.5rem;box-shadow:var(--shadow)}
        .steps{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;padding:0;color:var(--soft)}
        .steps .done{color:var(--good)}
        .steps .done::before{content:"✓ "}
        .steps .now{color:var(--ink);font-weight:700}
        .actions{display:flex;flex-wrap:wrap;align-items:center;gap:1.5rem}
        .ticket{display:flex;flex-wrap:wrap;gap:1.2rem;background:var(--card);
        border:1px solid var(--line);border-left:6px solid var(--accent);
        border-radius:12px;padding:1.1rem;margin:1rem 0;box-shadow:var(--shadow)}
        .qr svg{width:11rem;height:11rem;background:#fff;border-radius:6px;display:block}
        .serial{font-family:ui-monospace,monospace;letter-spacing:.08em;color:var(--soft)}
        code{font-family:ui-monospace,monospace;overflow-wrap:anywhere;font-size:.85rem}
        .psp{background:var(--line)}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.8rem;margin:1rem 0}
        .figures div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.8rem 1rem}
        .figures dt{color:var(--soft);font-size:.85rem}
        .figures dd{margin:0;font-size:1.35rem;font-weight:700;font-variant-numeric:tabular-nums}
        .chart{width:100%;height:8rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
        .chart rect,.share .sold{fill:var(--accent)}
        .share{display:block;width:100%;height:.6rem;background:var(--line);border-radius:4px}
        .share .held{fill:var(--warn)}
        .share .kept{fill:var(--soft)}
        .verdict{font-size:1.6rem;font-weight:700}
        .verdict.good{color:var(--good)}
        .verdict.warn{color:var(--warn)}
        @media(max-width:52rem){.columns{grid-template-columns:minmax(0,1fr)}.rail{position:static}
        #choice:has(#chosen li,#said:not(:empty)){position:fixed;z-index:1;inset:auto 0 0;padding:.6rem 1rem;
        background:var(--card);border-top:1px solid var(--line);box-shadow:0 -2px 8px rgb(60 40 20/.15);
        display:grid;grid-template-columns:1fr auto;align-items:center;gap:0 .6rem}
        #choice:has(#basket[open]){grid-template-columns:minmax(0,1fr)}
        #choice:has(#chosen li,#said:not(:empty)) h2,#choice:not(:has(#chosen li)) :is(#basket,#hold){display:none}
        #choice #said{grid-column:1/-1}
        #choice #basket{margin:0}
        #choice #chosen{max-height:40vh;overflow-y:auto}
        #choice #hold{width:auto;padding:.6rem .7rem;font-size:.95rem;white-space:nowrap}
        #choice summary{white-space:nowrap;font-size:.95rem}
        main:has(#chosen li){padding-bottom:8rem}}
        @media(prefers-reduced-motion:no-preference){.seat,.card{transition:fill .2s,border-color .2s}}
        @media print{.bar,footer,nav,.actions,details{display:none}.ticket{break-inside:avoid}}
        """
}
