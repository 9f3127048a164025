(* `protocol`: the set of positions that may have been last (Glushkov's automaton) is empty exactly where the history is no longer the beginning of something
   that the expression describes. A table made of these sets agrees with them by Agreement.v, where the state of a source may be anything. *)
Require Import List Bool Arith Lia.
Import ListNotations.

(* Expressions over positions: each event of the text is a position of its own. `many ( p )` is `maybe ( some ( p ) )`; a chain of `then` or `or` is binary. *)
Inductive expression :=
| Event (position : nat)
| Then (a b : expression)
| Or (a b : expression)
| Some_ (a : expression)
| Maybe (a : expression).

(* What an expression describes. *)
Inductive describes : expression -> list nat -> Prop :=
| D_event : forall p, describes (Event p) [p]
| D_then : forall a b u v, describes a u -> describes b v -> describes (Then a b) (u ++ v)
| D_left : forall a b u, describes a u -> describes (Or a b) u
| D_right : forall a b u, describes b u -> describes (Or a b) u
| D_once : forall a u, describes a u -> describes (Some_ a) u
| D_again : forall a u v, describes a u -> describes (Some_ a) v -> describes (Some_ a) (u ++ v)
| D_not : forall a, describes (Maybe a) []
| D_maybe : forall a u, describes a u -> describes (Maybe a) u.

(* The parts that the compiler and the reference compute. *)
Fixpoint positions (e : expression) : list nat :=
  match e with Event p => [p] | Then a b | Or a b => positions a ++ positions b | Some_ a | Maybe a => positions a end.
Fixpoint empty (e : expression) : bool :=
  match e with Event _ => false | Then a b => empty a && empty b | Or a b => empty a || empty b | Some_ a => empty a | Maybe _ => true end.
Fixpoint first (e : expression) : list nat :=
  match e with
  | Event p => [p]
  | Then a b => if empty a then first a ++ first b else first a
  | Or a b => first a ++ first b
  | Some_ a | Maybe a => first a
  end.
Fixpoint final (e : expression) : list nat :=
  match e with
  | Event p => [p]
  | Then a b => if empty b then final a ++ final b else final b
  | Or a b => final a ++ final b
  | Some_ a | Maybe a => final a
  end.
Fixpoint follow (e : expression) : list (nat * nat) :=
  match e with
  | Event _ => []
  | Then a b => follow a ++ follow b ++ list_prod (final a) (first b)
  | Or a b => follow a ++ follow b
  | Some_ a => follow a ++ list_prod (final a) (first a)
  | Maybe a => follow a
  end.

(* Each position may come just after the one before it. *)
Fixpoint linked (f : list (nat * nat)) (x : nat) (w : list nat) : Prop := match w with [] => True | y :: rest => In (x, y) f /\ linked f y rest end.

Lemma last_cons : forall (u : list nat) x y, last (y :: u) x = last u y.
Proof. induction u as [|z u IH]; intros x y; auto. change (last (y :: z :: u) x) with (last (z :: u) x). now rewrite !IH. Qed.
Lemma linked_app : forall f u x v, linked f x (u ++ v) <-> linked f x u /\ linked f (last u x) v.
Proof. intros f. induction u as [|y u IH]; intros x v; [simpl; tauto|]. cbn [app linked]. rewrite IH, last_cons. tauto. Qed.
Lemma last_app : forall (u v : list nat) x, last (u ++ v) x = last v (last u x).
Proof. induction u as [|y u IH]; intros v x; auto. cbn [app]. now rewrite !last_cons. Qed.
Lemma linked_more : forall f g, incl f g -> forall w x, linked f x w -> linked g x w.
Proof. intros f g I. induction w as [|y w IH]; simpl; intros x; intuition. Qed.

Lemma first_in : forall e, incl (first e) (positions e).
Proof.
  induction e; simpl; auto using incl_refl; try destruct (empty e1); auto using incl_app, incl_appl, incl_appr.
Qed.
Lemma final_in : forall e, incl (final e) (positions e).
Proof.
  induction e; simpl; auto using incl_refl; try destruct (empty e2); auto using incl_app, incl_appl, incl_appr.
Qed.
Lemma follow_in : forall e x y, In (x, y) (follow e) -> In x (positions e) /\ In y (positions e).
Proof.
  induction e; simpl; intros x y; rewrite ?in_app_iff, ?in_prod_iff; intros H; intuition;
    repeat match goal with
    | IH : forall x y, In (x, y) (follow ?e) -> _, H : In (_, _) (follow ?e) |- _ => apply IH in H; destruct H
    | H : In _ (first ?e) |- _ => apply first_in in H
    | H : In _ (final ?e) |- _ => apply final_in in H
    end; auto.
Qed.
Lemma first_some : forall e, first e <> [].
Proof.
  induction e; simpl; auto; try discriminate; try destruct (empty e1); auto; destruct (first e1); simpl; auto; discriminate.
Qed.

Lemma nodup_app : forall (u v : list nat), NoDup (u ++ v) -> NoDup u /\ NoDup v /\ forall x, In x u -> In x v -> False.
Proof.
  induction u as [|y u IH]; simpl; intros v N; [repeat split; auto; constructor|]. inversion N; subst. apply IH in H2. destruct H2 as (A & B & C).
  rewrite in_app_iff in H1. repeat split; auto.
  - constructor; tauto.
  - intros x [<-|I] J; [tauto|eauto].
Qed.

Definition accepts (e : expression) (w : list nat) : Prop :=
  match w with [] => empty e = true | x :: r => In x (first e) /\ linked (follow e) x r /\ In (last r x) (final e) end.

Lemma described_accepted : forall e w, describes e w -> accepts e w.
Proof.
  intros e w D. induction D as [p|a b u v D1 H1 D2 H2|a b u D H|a b u D H|a u D H|a u v D1 H1 D2 H2|a|a u D H].
  - simpl. auto.
  - destruct u as [|x r], v as [|y s]; simpl app; cbn [accepts first final follow empty] in *.
    + now rewrite H1, H2.
    + destruct H2 as (A & B & C). rewrite H1. rewrite !in_app_iff. split; auto. split.
      * eapply linked_more; [|exact B]. auto using incl_appl, incl_appr, incl_refl.
      * destruct (empty b); auto. apply in_app_iff. auto.
    + rewrite app_nil_r. destruct H1 as (A & B & C). rewrite H2. rewrite in_app_iff. split; [destruct (empty a); auto; apply in_app_iff; auto|]. split; auto.
      eapply linked_more; [|exact B]. auto using incl_appl, incl_refl.
    + destruct H1 as (A & B & C), H2 as (A' & B' & C'). split; [destruct (empty a); auto; apply in_app_iff; auto|]. split.
      * apply linked_app. split; [eapply linked_more; [|exact B]; auto using incl_appl, incl_refl|]. simpl. split.
        -- rewrite !in_app_iff. right. right. now apply in_prod.
        -- eapply linked_more; [|exact B']. auto using incl_appl, incl_appr, incl_refl.
      * rewrite last_app, last_cons. destruct (empty b); auto. apply in_app_iff. auto.
  - destruct u as [|x r]; simpl in *; [now rewrite H|]. destruct H as (A & B & C). rewrite !in_app_iff. repeat split; auto.
    eapply linked_more; [|exact B]. auto using incl_appl, incl_refl.
  - destruct u as [|x r]; simpl in *; [now rewrite H, orb_true_r|]. destruct H as (A & B & C). rewrite !in_app_iff. repeat split; auto.
    eapply linked_more; [|exact B]. auto using incl_appr, incl_refl.
  - destruct u as [|x r]; simpl in *; auto. destruct H as (A & B & C). repeat split; auto.
    eapply linked_more; [|exact B]. auto using incl_appl, incl_refl.
  - destruct u as [|x r]; auto. destruct v as [|y s].
    + rewrite app_nil_r. simpl in *. destruct H1 as (A & B & C). repeat split; auto. eapply linked_more; [|exact B]. auto using incl_appl, incl_refl.
    + simpl in *. destruct H1 as (A & B & C), H2 as (A' & B' & C'). split; auto. split.
      * apply linked_app. split; [eapply linked_more; [|exact B]; auto using incl_appl, incl_refl|]. simpl. split; auto.
        rewrite in_app_iff. right. now apply in_prod.
      * rewrite last_app, last_cons. auto.
  - reflexivity.
  - destruct u as [|x r]; simpl in *; auto.
Qed.

(* A walk through `a then b` is one through a, and perhaps on into b. *)
Lemma walk_then : forall a b, (forall x, In x (positions a) -> In x (positions b) -> False) -> forall r x, In x (positions a) ->
  linked (follow (Then a b)) x r ->
  linked (follow a) x r \/
  exists r1 y s, r = r1 ++ y :: s /\ linked (follow a) x r1 /\ In (last r1 x) (final a) /\ In y (first b) /\ linked (follow (Then a b)) y s.
Proof.
  intros a b Apart. induction r as [|y r IH]; intros x I L; [simpl; auto|]. destruct L as [E L].
  change (In (x, y) (follow a ++ follow b ++ list_prod (final a) (first b))) in E. rewrite !in_app_iff, in_prod_iff in E. destruct E as [E|[E|[E F]]].
  - destruct (follow_in _ _ _ E) as [_ J]. destruct (IH y J L) as [K|(r1 & z & s & -> & A & B & C & D)]; [left; simpl; auto|].
    right. exists (y :: r1), z, s. rewrite last_cons. simpl. auto 6.
  - destruct (follow_in _ _ _ E) as [J _]. exfalso. eauto.
  - right. exists [], y, r. simpl. auto.
Qed.

Lemma walk_second : forall a b, (forall x, In x (positions a) -> In x (positions b) -> False) -> forall r x, In x (positions b) ->
  linked (follow (Then a b)) x r -> linked (follow b) x r.
Proof.
  intros a b Apart. induction r as [|y r IH]; intros x I L; [simpl; auto|]. destruct L as [E L].
  change (In (x, y) (follow a ++ follow b ++ list_prod (final a) (first b))) in E. rewrite !in_app_iff, in_prod_iff in E. destruct E as [E|[E|[E F]]].
  - destruct (follow_in _ _ _ E) as [J _]. exfalso. eauto.
  - destruct (follow_in _ _ _ E) as [_ J]. simpl. auto.
  - apply final_in in E. exfalso. eauto.
Qed.

Lemma walk_or : forall a b, (forall x, In x (positions a) -> In x (positions b) -> False) -> forall r x, linked (follow a ++ follow b) x r ->
  (In x (positions a) -> linked (follow a) x r /\ In (last r x) (positions a)) /\ (In x (positions b) -> linked (follow b) x r /\ In (last r x) (positions b)).
Proof.
  intros a b Apart. induction r as [|y r IH]; intros x L; [simpl; auto|]. destruct L as [E L]. rewrite in_app_iff in E. specialize (IH y L). rewrite last_cons.
  split; intros I; (destruct E as [E|E]; destruct (follow_in _ _ _ E) as [J J']; [|]); try (exfalso; eauto; fail); simpl; intuition.
Qed.

Lemma walk_again : forall a r x, linked (follow (Some_ a)) x r ->
  linked (follow a) x r \/
  exists r1 y s, r = r1 ++ y :: s /\ linked (follow a) x r1 /\ In (last r1 x) (final a) /\ In y (first a) /\ linked (follow (Some_ a)) y s.
Proof.
  intros a. induction r as [|y r IH]; intros x L; [simpl; auto|]. destruct L as [E L].
  change (In (x, y) (follow a ++ list_prod (final a) (first a))) in E. rewrite in_app_iff, in_prod_iff in E. destruct E as [E|[E F]].
  - destruct (IH y L) as [K|(r1 & z & s & -> & A & B & C & D)]; [left; simpl; auto|].
    right. exists (y :: r1), z, s. rewrite last_cons. simpl. auto 6.
  - right. exists [], y, r. simpl. auto.
Qed.

Lemma accepted_described : forall e, NoDup (positions e) -> forall w, accepts e w -> describes e w.
Proof.
  induction e as [p|a IHa b IHb|a IHa b IHb|a IHa|a IHa]; simpl positions; intros N w H.
  - destruct w as [|x r]; simpl in H; [discriminate|]. destruct H as ([<-|[]] & L & _). destruct r; [constructor|simpl in L; tauto].
  - destruct (nodup_app _ _ N) as (Na & Nb & Apart). specialize (IHa Na). specialize (IHb Nb).
    destruct w as [|x r].
    + simpl in H. apply andb_prop in H. destruct H. change (@nil nat) with (@nil nat ++ []). constructor; [apply IHa|apply IHb]; auto.
    + destruct H as (F & L & E). cbn [first final] in *.
      assert (Second : In x (first b) -> empty a = true -> describes (Then a b) (x :: r)).
      { intros I Ea. pose proof (walk_second a b Apart r x (first_in b x I) L) as Lb. change (x :: r) with ([] ++ x :: r). constructor; [apply IHa; auto|].
        apply IHb. split; auto. split; auto. destruct (empty b); auto. apply in_app_iff in E. destruct E as [E|E]; auto. exfalso.
        apply (Apart (last r x)); [now apply final_in|]. destruct r as [|y r] using rev_ind; [now apply first_in|].
        clear IHr. apply linked_app in Lb. destruct Lb as [_ Lb]. rewrite last_app. simpl in *. destruct Lb as [Lb _]. now apply follow_in in Lb. }
      assert (First : In x (first a) -> describes (Then a b) (x :: r)).
      { intros I. destruct (walk_then a b Apart r x (first_in a x I) L) as [La|(r1 & y & s & -> & La & Fa & Fb & Ls)].
        - destruct (empty b) eqn:Eb.
          + replace (x :: r) with ((x :: r) ++ []) by apply app_nil_r. constructor; [|apply IHb; auto]. apply IHa. split; auto. split; auto.
            apply in_app_iff in E. destruct E as [E|E]; auto. exfalso. apply (Apart (last r x)); [|now apply final_in].
            destruct r as [|y r] using rev_ind; [now apply first_in|]. clear IHr. apply linked_app in La. destruct La as [_ La]. rewrite last_app.
            simpl in *. destruct La as [La _]. now apply follow_in in La.
          + exfalso. apply (Apart (last r x)); [|now apply final_in].
            destruct r as [|y r] using rev_ind; [now apply first_in|]. clear IHr. apply linked_app in La. destruct La as [_ La]. rewrite last_app.
            simpl in *. destruct La as [La _]. now apply follow_in in La.
        - pose proof (walk_second a b Apart s y (first_in b y Fb) Ls) as Lb. change (x :: r1 ++ y :: s) with ((x :: r1) ++ y :: s). constructor.
          + apply IHa. split; auto.
          + apply IHb. split; auto. split; auto. rewrite last_app, last_cons in E. destruct (empty b); auto. apply in_app_iff in E. destruct E as [E|E]; auto.
            exfalso. apply (Apart (last s y)); [now apply final_in|]. destruct s as [|z s] using rev_ind; [now apply first_in|].
            clear IHs. apply linked_app in Lb. destruct Lb as [_ Lb]. rewrite last_app. simpl in *. destruct Lb as [Lb _]. now apply follow_in in Lb. }
      destruct (empty a) eqn:Ea; [|auto]. apply in_app_iff in F. destruct F; auto.
  - destruct (nodup_app _ _ N) as (Na & Nb & Apart). specialize (IHa Na). specialize (IHb Nb). destruct w as [|x r]; simpl in H.
    + apply orb_prop in H. destruct H; [apply D_left, IHa|apply D_right, IHb]; auto.
    + destruct H as (F & L & E). destruct (walk_or a b Apart r x L) as [A B]. apply in_app_iff in F. apply in_app_iff in E. destruct F as [F|F].
      * apply D_left, IHa. destruct (A (first_in a x F)) as [La P]. split; auto. split; auto. destruct E as [E|E]; auto. exfalso. apply final_in in E. eauto.
      * apply D_right, IHb. destruct (B (first_in b x F)) as [Lb P]. split; auto. split; auto. destruct E as [E|E]; auto. exfalso. apply final_in in E. eauto.
  - specialize (IHa N). destruct w as [|x r]; [apply D_once, IHa; exact H|]. destruct H as (F & L & E). cbn [first final] in *.
    remember (length r) as n eqn:Len. revert x r F L E Len. induction n as [n IH] using lt_wf_ind. intros x r F L E Len.
    destruct (walk_again a r x L) as [La|(r1 & y & s & -> & La & Fa & Fb & Ls)].
    + apply D_once, IHa. split; auto.
    + change (x :: r1 ++ y :: s) with ((x :: r1) ++ y :: s). apply D_again; [apply IHa; split; auto|].
      apply (IH (length s)); auto; [subst; rewrite app_length; simpl; lia|]. now rewrite last_app, last_cons in E.
  - destruct w as [|x r]; [constructor|]. apply D_maybe, IHa; auto.
Qed.

(* From every position the end can be reached. *)
Lemma can_end : forall e x, In x (positions e) -> exists w, linked (follow e) x w /\ In (last w x) (final e).
Proof.
  induction e as [p|a IHa b IHb|a IHa b IHb|a IHa|a IHa]; simpl; intros x I.
  - exists []. simpl. tauto.
  - assert (B : forall y, In y (positions b) -> exists w, linked (follow a ++ follow b ++ list_prod (final a) (first b)) y w /\
      In (last w y) (if empty b then final a ++ final b else final b)).
    { intros y J. destruct (IHb y J) as (w & L & E). exists w. split; [|destruct (empty b); auto; apply in_app_iff; auto].
      eapply linked_more; [|exact L]. auto using incl_appl, incl_appr, incl_refl. }
    apply in_app_iff in I. destruct I as [I|I]; auto. destruct (IHa x I) as (w & L & E).
    destruct (first b) as [|y rest] eqn:Fb; [destruct (first_some b Fb)|]. destruct (B y) as (w' & L' & E'); [apply first_in; rewrite Fb; now left|].
    exists (w ++ y :: w'). rewrite last_app, last_cons. split; auto. apply linked_app. split.
    + eapply linked_more; [|exact L]. auto using incl_appl, incl_refl.
    + simpl. split; auto. rewrite !in_app_iff. right. right. apply in_prod; auto. now left.
  - apply in_app_iff in I. destruct I as [I|I]; [destruct (IHa x I) as (w & L & E)|destruct (IHb x I) as (w & L & E)]; exists w; rewrite in_app_iff; split; auto;
      (eapply linked_more; [|exact L]); auto using incl_appl, incl_appr, incl_refl.
  - destruct (IHa x I) as (w & L & E). exists w. split; auto. eapply linked_more; [|exact L]. auto using incl_appl, incl_refl.
  - auto.
Qed.

(* The beginnings of what is described are the walks. *)
Theorem beginnings_are_walks : forall e, NoDup (positions e) -> forall ps,
  (exists rest, describes e (ps ++ rest)) <-> match ps with [] => True | x :: r => In x (first e) /\ linked (follow e) x r end.
Proof.
  intros e N ps. split.
  - intros (rest & D). apply described_accepted in D. destruct ps as [|x r]; auto. destruct D as (F & L & _). apply linked_app in L. tauto.
  - destruct ps as [|x r].
    + intros _. destruct (first e) as [|x rest] eqn:F; [destruct (first_some e F)|].
      destruct (can_end e x) as (w & L & E); [apply first_in; rewrite F; now left|]. exists (x :: w). apply accepted_described; auto.
      simpl. rewrite F. split; [now left|]. auto.
    + intros [F L]. assert (I : In (last r x) (positions e)).
      { destruct r as [|y r] using rev_ind; [now apply first_in|]. apply linked_app in L. destruct L as [_ L]. rewrite last_app. simpl in *.
        destruct L as [L _]. now apply follow_in in L. }
      destruct (can_end e _ I) as (w & L' & E). exists w. apply accepted_described; auto. simpl. split; auto. split; [now apply linked_app|now rewrite last_app].
Qed.

(* The machine: the positions that may have been last, `None` at the beginning. A letter that no event matches leaves it as it is. *)
Section Machine.
Variables (letter : Type) (matches : nat -> letter -> bool) (e : expression).
Hypothesis Different : NoDup (positions e).

Definition named (l : letter) : bool := existsb (fun p => matches p l) (positions e).
Definition state := option (list nat).
Definition comes_next (s : state) (p : nat) : bool :=
  match s with
  | None => existsb (Nat.eqb p) (first e)
  | Some last => existsb (fun q => existsb (fun f => Nat.eqb (fst f) q && Nat.eqb (snd f) p) (follow e)) last
  end.
Definition step (s : state) (l : letter) : state := if named l then Some (filter (fun p => matches p l && comes_next s p) (positions e)) else s.
Definition run (h : list letter) : state := fold_left step h None.
Definition alive (s : state) : bool := match s with Some [] => false | _ => true end.

(* The language's word: of the events that it names, the history is the beginning of something that it describes. *)
Definition says (h : list letter) : Prop := exists ps rest, Forall2 (fun p l => matches p l = true) ps (filter named h) /\ describes e (ps ++ rest).

Definition walk (ps : list nat) : Prop := match ps with [] => True | x :: r => In x (first e) /\ linked (follow e) x r end.

Lemma walk_in : forall ps x, walk ps -> In x ps -> In x (positions e).
Proof.
  intros [|y r] x W I; [destruct I|]. destruct W as [F L]. destruct I as [<-|I]; [now apply first_in|]. clear F. revert y L.
  induction r as [|z r IH]; intros y L; [destruct I|]. destruct L as [E L]. destruct I as [<-|I]; [now apply follow_in in E|]. eauto.
Qed.

Lemma walk_snoc : forall ps p, walk (ps ++ [p]) <-> walk ps /\ (ps = [] -> In p (first e)) /\ (forall q qs, ps = qs ++ [q] -> In (q, p) (follow e)).
Proof.
  intros [|x r] p; simpl.
  - split; [intros [F _]; repeat split; auto; intros q [|? ?] E; discriminate|]. intros (_ & F & _). auto.
  - rewrite linked_app. simpl. split.
    + intros (F & L & E & _). repeat split; auto; [discriminate|]. intros q qs K. replace q with (last r x); auto.
      rewrite <- (last_cons r x x), K, last_app. reflexivity.
    + intros ((F & L) & _ & E). repeat split; auto. destruct r as [|y r] using rev_ind; [apply (E x []); reflexivity|]. rewrite last_app. simpl. apply (E y (x :: r)). reflexivity.
Qed.

Lemma run_spec : forall h, match run h with
  | None => filter named h = []
  | Some last => filter named h <> [] /\ forall p, In p last <-> exists ps, walk (ps ++ [p]) /\ Forall2 (fun p l => matches p l = true) (ps ++ [p]) (filter named h)
  end.
Proof.
  induction h as [|l h IH] using rev_ind; [reflexivity|]. unfold run in *. rewrite fold_left_app. simpl. set (s := fold_left step h None) in *.
  rewrite filter_app. simpl. unfold step. destruct (named l) eqn:Nl; [|rewrite app_nil_r; exact IH].
  split; [intros E; apply (f_equal (@length _)) in E; rewrite app_length in E; simpl in E; lia|].
  intros p. rewrite filter_In, andb_true_iff.
  assert (Split : forall ps, Forall2 (fun p l => matches p l = true) (ps ++ [p]) (filter named h ++ [l]) <->
    Forall2 (fun p l => matches p l = true) ps (filter named h) /\ matches p l = true).
  { intros ps. split.
    - intros F. apply Forall2_app_inv_l in F. destruct F as (u & v & A & B & E). inversion B; subst. inversion H3; subst.
      apply app_inj_tail in E. destruct E as [-> ->]. auto.
    - intros [A B]. apply Forall2_app; auto. }
  destruct s as [last_|].
  - destruct IH as [Non IH]. unfold comes_next. split.
    + intros (I & M & C). apply existsb_exists in C. destruct C as (q & Iq & C). apply existsb_exists in C. destruct C as ([q' p'] & F & C).
      apply andb_prop in C. destruct C as [C C']. apply Nat.eqb_eq in C. apply Nat.eqb_eq in C'. simpl in C, C'. subst.
      apply IH in Iq. destruct Iq as (ps & W & A). exists (ps ++ [q]). split; [|apply Split; auto]. apply walk_snoc. repeat split; auto.
      * intros E. destruct ps; discriminate.
      * intros q0 qs E. apply app_inj_tail in E. destruct E as [_ ->]. auto.
    + intros (ps & W & A). apply Split in A. destruct A as [A M]. assert (Ip : In p (positions e)) by (apply (walk_in _ p W); apply in_app_iff; simpl; auto).
      repeat split; auto. apply walk_snoc in W. destruct W as (W & _ & E). destruct ps as [|q ps _] using rev_ind; [inversion A; congruence|].
      apply existsb_exists. exists q. split; [apply IH; eauto|]. apply existsb_exists. exists (q, p). simpl. rewrite !Nat.eqb_refl. split; auto. eapply E. reflexivity.
  - rewrite IH in Split |- *. unfold comes_next. split.
    + intros (I & M & C). apply existsb_exists in C. destruct C as (q & F & C). apply Nat.eqb_eq in C. subst q. exists []. split; [simpl; auto|]. apply Split. auto.
    + intros (ps & W & A). apply Split in A. destruct A as [A M]. inversion A; subst. simpl in W.
      repeat split; auto; [apply first_in; tauto|]. apply existsb_exists. exists p. rewrite Nat.eqb_refl. tauto.
Qed.

(* The set is empty exactly where the history has left the expression. *)
Theorem positions_exact : forall h, alive (run h) = true <-> says h.
Proof.
  intros h. pose proof (run_spec h) as R. unfold says.
  assert (S : (exists ps rest, Forall2 (fun p l => matches p l = true) ps (filter named h) /\ describes e (ps ++ rest)) <->
              exists ps, walk ps /\ Forall2 (fun p l => matches p l = true) ps (filter named h)).
  { split.
    - intros (ps & rest & A & D). exists ps. split; auto. apply (beginnings_are_walks e Different ps). eauto.
    - intros (ps & W & A). apply (beginnings_are_walks e Different ps) in W. destruct W as [rest D]. eauto. }
  rewrite S. destruct (run h) as [last_|]; simpl.
  - destruct R as [Non R]. split.
    + intros A. destruct last_ as [|p l]; [discriminate|]. destruct (proj1 (R p) (or_introl eq_refl)) as (ps & W & F). eauto.
    + intros (ps & W & A). destruct ps as [|p ps _] using rev_ind; [inversion A; congruence|].
      assert (I : In p last_) by (apply R; eauto). destruct last_; auto.
  - split; auto. intros _. exists []. rewrite R. simpl. auto.
Qed.
End Machine.

(* `many (some (add) then (clear or (confirm then place)))`, positions 1 to 4; letter N matches position N alone, letter 9 none. *)
Module Example.
Definition shop := Maybe (Some_ (Then (Some_ (Event 1)) (Or (Event 2) (Then (Event 3) (Event 4))))).
Definition alive_after (h : list nat) := alive (run nat Nat.eqb shop h).
Example good : map alive_after [[]; [1; 1]; [1; 9; 3; 4; 1; 2]; [9]] = [true; true; true; true]. Proof. reflexivity. Qed.
Example bad : map alive_after [[2]; [1; 3; 1]; [1; 4]] = [false; false; false]. Proof. reflexivity. Qed.
Example different : NoDup (positions shop). Proof. repeat constructor; simpl; lia. Qed.
End Example.
