/** What people write, by language and kind: the material of `talk.ts`. */

export const english = [
  "I've put the agenda in the shared folder, please add your points before Thursday.",
  'Running ten minutes late, the 38 bus is stuck behind the roadworks again 🙄',
  'Can somebody check whether the backup finished last night? The dashboard says "unknown".',
  'That was the best ramen I have had in years, we have to go back on Friday!',
  "Let's move the review to 3pm — Jonas can't make it in the morning.",
  'Did you see the photos from the hike? The one with the fog over the lake is unreal.',
  "The landlord finally called back. He'll send somebody about the boiler on Tuesday between 8 and 12.",
  'ok',
  'Sure, works for me 👍',
  'Happy birthday!! 🎂🎉 Hope the day is full of cake and no meetings.',
  'Who has the key to the bike cellar? I need to get the trailer out before six.',
  'The numbers for Q3 are in: +4.2% on returning customers, −1.1% on new ones. Slides follow.',
  'Wait, which of the two versions is the one we signed? I have "final" and "final_2 (1)".',
  'My train is cancelled, so I will join from the station café. Please forgive the noise.',
  'Mum says thanks for the flowers. She put them next to the window and has shown everybody.',
  'I would rather not decide that in chat; ten minutes on the phone tomorrow?',
  'https://example.org/tickets?id=4711&ref=chat#seats – row 14 is still free, shall I take four?',
  'lol no way 😂😂😂',
]

export const otherLatin = [
  'Kann jemand bitte die Präsentation für Übermorgen prüfen? Die Größen auf Folie 7 stimmen nicht.',
  'On se retrouve devant la gare à 18 h, côté tabac. Prenez un parapluie, ça va tomber !',
  '¿Alguien sabe si mañana abren la panadería de la esquina? Necesito dos barras para la cena.',
  'Amanhã não consigo, mas na quinta às 15h dá certo. Levo o projetor e o café ☕',
  'Zítra přijedu až po obědě, počkejte na mě s těmi krabicemi, prosím.',
  'Bugün toplantı var mı? Ekranım donuyor, beş dakikaya tekrar bağlanırım.',
  'Hẹn gặp mọi người lúc 7 giờ tối ở quán cũ nhé, nhớ mang theo áo mưa.',
  'Завтра созвон в десять, пришлите, пожалуйста, цифры до вечера. Спасибо!',
]

export const cjk = [
  '明日の打ち合わせは午後三時からに変更になりました。資料は共有フォルダに入れておきます。',
  '今天晚上一起吃火锅吗?我知道一家新开的店,离地铁站只有五分钟 🍲',
  '회의록 올려 두었습니다. 빠진 내용 있으면 오늘 안에 댓글로 남겨 주세요!',
  '電車が遅れているので、先に始めていてください。十分ほどで着きます🙇‍♀️',
  '這個週末要不要去爬山?天氣預報說星期六放晴,記得帶水和帽子。',
  '사진 너무 예쁘다 ㅎㅎ 어디서 찍은 거야? 나도 가 보고 싶어 😍',
  'すみません、請求書の金額が一桁違うようです。確認していただけますか?',
]

export const rightToLeft = [
  'صباح الخير جميعاً، الاجتماع تأجل إلى الساعة الرابعة. أرجو إحضار التقارير المطبوعة.',
  'מישהו יכול להביא את המפתחות של המחסן? אני תקוע בפקק ואגיע רק בשמונה.',
  'سلام، قطار یک ساعت تأخیر دارد. لطفاً شام را بدون من شروع کنید 🙏',
  'شكراً على الصور! أرسلها أيضاً إلى أمي من فضلك: omar@example.org (قبل المساء)',
  'תודה רבה! הקובץ report-v2.pdf נראה מצוין, רק תתקנו את העמוד השלישי.',
]

export const code = [
  'try this:\n```ts\nconst head = rows.at(-1)?.seq ?? 0\nif (head !== expected) throw new Error("head moved: " + head)\n```',
  "```sql\nSELECT user, count(*) FROM entries WHERE kind = 'message' GROUP BY 1 HAVING count(*) > 10;\n```",
  'it prints `TypeError: Cannot read properties of undefined (reading "__proto__")` and dies',
  '$ curl -sS -H \'content-type: application/json\' -d \'{"a":"\\u0041\\n"}\' http://localhost:8080/v1/x | jq .',
  '```py\ndef fold(xs):\n\tseen = {}\n\tfor x in xs:\n\t\tseen[x["id"]] = x\n\treturn seen\n```',
  '<script>alert("not today")</script> &amp; %00 \\u0000 \'; DROP TABLE users; --',
  'diff --git a/x b/x\n@@ -1,3 +1,3 @@\n-  return a+b\n+  return a + b  // "quotes", \\backslash\\, \ttab',
]

export const pictographs = [
  '👍',
  '🎉🎉🎉',
  '❤️‍🔥',
  '👩‍👩‍👧‍👦 says hi',
  '🏳️‍🌈',
  '🧑🏽‍💻☕ … 🧑🏽‍💻☕ … 😴',
  '😂😂😂😂😂😂',
  '🇯🇵🇧🇷🇸🇳 go go go',
  'z\u0335a\u0336l\u0337g\u0334o he\u0301 comes',
  'zero\u200Bwidth\u200D and \u202Eturned\u202C text',
]

export const reactionEmoji = ['👍', '❤️', '😂', '🎉', '😮', '🙏', '👀', '🧑🏽‍💻', '❤️‍🔥', '🇸🇳', '💯', '🤷🏻‍♀️'] as const

export const givenNames = [
  'Amina',
  'Béla',
  'Chloé',
  'Dmitri',
  'Esi',
  'Fatou',
  'Günther',
  'Hannah',
  'Ines',
  'João',
  'Kenji',
  'Łucja',
  'Mai',
  'Noor',
  'Ólafur',
  'Priya',
  'Quynh',
  'Ravi',
  'Søren',
  'Tariq',
  'Uma',
  'Vera',
  'Wei',
  'Ximena',
  'Yusuf',
  'Zoë',
  '美咲',
  '陈伟',
  'ليلى',
  'דוד',
] as const

export const familyNames = [
  'Adeyemi',
  'Bauer',
  'Castillo',
  'Dubois',
  'Eriksson',
  'Fernandes',
  'García',
  'Haddad',
  'Ivanova',
  'Jansen',
  'Kowalska',
  'Li',
  'Mbeki',
  'Nguyen',
  "O'Brien",
  'Park',
  'Rossi',
  'Sato',
  'Tan',
  'Yılmaz',
] as const

export const groupNames = [
  'Elternrat 3b',
  'Climbing 🧗',
  'Release crew',
  'Casa Rua do Sol',
  '週末ハイキング',
  'فريق المتجر',
  'Choir (altos)',
  'Site reliability',
  'Book club: «Middlemarch»',
  'Sunday football ⚽',
  'Nachbarn Haus 14',
  'Design review',
  'Ops night shift',
  'Garden plot 22',
  'Family 👩‍👩‍👧‍👦',
] as const
